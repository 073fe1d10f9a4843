import { useMatches } from "@tanstack/react-router";
import { useEffect, useState, type ComponentType } from "react";
import { useStore } from "@/api/store";
import { Dialog, SkeletonLines } from "@/ui";
import { panel } from "./panel";

type Load = () => Promise<{ Help: ComponentType }>;

/** The help of the page that is open. */
export function HelpDrawer() {
  const open = useStore(panel) === "help";
  const matches = useMatches();
  const leaf = matches[matches.length - 1]?.staticData;
  return (
    <Dialog
      open={open}
      onClose={() => panel.set("none")}
      title={`Help: ${leaf?.title ?? "this page"}`}
      place="right"
      size="small"
    >
      {open ? <HelpText load={leaf?.help} /> : null}
    </Dialog>
  );
}

function HelpText({ load }: { load: Load | undefined }) {
  const [loaded, setLoaded] = useState<{ Text: ComponentType } | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let gone = false;
    load?.().then(
      ({ Help }) => {
        if (!gone) setLoaded({ Text: Help });
      },
      () => {
        if (!gone) setFailed(true);
      },
    );
    return () => {
      gone = true;
    };
  }, [load]);
  if (load && failed)
    return <p className="text-muted">The help could not be loaded. Check the connection and open it again.</p>;
  if (load && !loaded) return <SkeletonLines lines={5} />;
  return (
    <div className="flex flex-col gap-3 text-muted [&_dt]:mt-2 [&_dt]:font-semibold [&_dt]:text-text [&_h3]:mt-2 [&_h3]:font-semibold [&_h3]:text-text [&_li]:mt-1 [&_ol]:list-decimal [&_ol]:pl-5 [&_strong]:text-text [&_ul]:list-disc [&_ul]:pl-5">
      {loaded ? <loaded.Text /> : <p>Use the sidebar to move between pages, and Ctrl K to search.</p>}
    </div>
  );
}
