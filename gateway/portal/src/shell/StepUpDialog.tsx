import { useEffect, useState } from "react";
import { openStepUpWindow, stepUpChannel, stepUpRequest, type StepUpRequest } from "@/api/stepup";
import { useStore } from "@/api/store";
import { Button, Dialog } from "@/ui";

/** Asks for the second factor again before a sensitive change; what was under way goes on by itself afterwards. */
export function StepUpDialog() {
  const request = useStore(stepUpRequest);
  return request ? <Asking request={request} /> : null;
}

function Asking({ request }: { request: StepUpRequest }) {
  const [opened, setOpened] = useState(false);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const channel = new BroadcastChannel(stepUpChannel);
    channel.onmessage = (event: MessageEvent<{ type?: string }>) => {
      if (event.data.type === "step-up-done") request.resolve(true);
      if (event.data.type === "step-up-failed") setFailed(true);
    };
    return () => channel.close();
  }, [request]);
  return (
    <Dialog
      open
      onClose={() => request.resolve(false)}
      size="small"
      title="Confirm that it is you"
      footer={
        <>
          <Button onClick={() => request.resolve(false)}>Cancel</Button>
          <Button
            look="primary"
            onClick={() => {
              setOpened(true);
              setFailed(false);
              openStepUpWindow();
            }}
          >
            {opened ? "Open the window again" : "Confirm with second factor"}
          </Button>
        </>
      }
    >
      <p className="text-muted">
        This change needs a second factor from the last 15 minutes. A sign-in window opens; after it closes, what you
        were doing goes on by itself.
      </p>
      <p role="status" className="mt-3 min-h-5 text-sm text-faint">
        {failed
          ? "The second factor was not confirmed. Open the window again, or cancel; nothing has been changed."
          : opened
            ? "Waiting for the sign-in window."
            : ""}
      </p>
    </Dialog>
  );
}
