import { useEffect } from "react";

const pause = 5_000;

/**
 * Calls `changed` whenever the service says that something is new at this address. What is new is read from the API, so that a
 * lost event costs a moment and never the truth: pages that must be right also ask from time to time.
 */
export function useWatch(path: string | undefined, changed: () => void): void {
  useEffect(() => {
    if (path === undefined) return;
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(path);
      source.onmessage = changed;
      source.onerror = () => {
        // A connection that was lost is opened again by the browser; after an answer that is an error it is not.
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, pause);
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [path, changed]);
}
