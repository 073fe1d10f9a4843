import { useEffect } from "react";

/**
 * Calls `changed` whenever the service says that something is new at this address. What is new is read from the API, so that a
 * lost event costs a moment and never the truth: pages that must be right also ask from time to time.
 */
export function useWatch(path: string | undefined, changed: () => void): void {
  useEffect(() => {
    if (path === undefined) return;
    const source = new EventSource(path);
    source.onmessage = changed;
    source.onopen = changed;
    return () => source.close();
  }, [path, changed]);
}
