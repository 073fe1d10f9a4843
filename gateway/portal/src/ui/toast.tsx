import { X } from "lucide-react";
import { useEffect } from "react";
import { createStore, useStore } from "@/api/store";
import { explain } from "@/api/problem";
import { classes } from "./classes";
import { toneClass, toneIcon, type Tone } from "./Status";

interface Message {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
  readonly note: string;
}

const messages = createStore<readonly Message[]>([]);
const spoken = createStore("");

let next = 1;

/** Says the outcome of something the person did. Errors stay until they are closed. */
export function toast(tone: Tone, text: string, note = ""): void {
  messages.set([...messages.get().slice(-3), { id: next++, tone, text, note }]);
}

/** An error of the API as a toast: what happened, what to do, the request. */
export function toastError(error: unknown): void {
  const { title, todo, detail, requestId } = explain(error);
  toast("danger", title, [detail || todo, requestId ? `Request ${requestId}` : ""].filter(Boolean).join(" · "));
}

/** Says something to screen readers only, e.g. how many results there are. */
export function announce(text: string): void {
  // The same text twice would not be read again.
  spoken.set(spoken.get() === text ? `${text}\u00a0` : text);
}

/** Once in the shell: the toasts and the live region. */
export function Toasts() {
  const list = useStore(messages);
  const said = useStore(spoken);
  return (
    <>
      <div aria-live="polite" className="sr-only">
        {said}
      </div>
      <div
        role="region"
        aria-label="Messages"
        aria-live="polite"
        className="no-print pointer-events-none fixed inset-x-4 bottom-4 z-50 flex flex-col items-end gap-2"
      >
        {list.map((message) => (
          <ToastCard key={message.id} message={message} />
        ))}
      </div>
    </>
  );
}

const staysMs = 7000;

function ToastCard({ message }: { message: Message }) {
  const { id, tone, text, note } = message;
  const Icon = toneIcon[tone];
  const close = () => messages.set(messages.get().filter((m) => m.id !== id));
  useEffect(() => {
    if (tone === "danger") return;
    const timer = setTimeout(() => messages.set(messages.get().filter((m) => m.id !== id)), staysMs);
    return () => clearTimeout(timer);
  }, [id, tone]);
  return (
    <div
      className={classes(
        "pointer-events-auto flex w-full max-w-md items-start gap-3 rounded-card border px-4 py-3 shadow-raised",
        toneClass[tone],
      )}
    >
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1 text-text">
        <p className="font-medium">{text}</p>
        {note ? <p className="text-xs break-words text-muted">{note}</p> : null}
      </div>
      <button
        type="button"
        aria-label="Close message"
        onClick={close}
        className="-m-1 rounded-control p-1 text-muted hover:text-text"
      >
        <X aria-hidden="true" className="size-4" />
      </button>
    </div>
  );
}

/** For tests. */
export function clearToasts(): void {
  messages.set([]);
  spoken.set("");
}
