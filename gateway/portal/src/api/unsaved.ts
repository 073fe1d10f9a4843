import { useEffect, useRef } from "react";

/** What a form on the screen holds that the server does not have: whether it is being sent at the moment. */
const held = new Map<symbol, { sending: boolean }>();

/** Whether something was typed that is not saved, even if it is on its way. */
export const hasUnsaved = () => held.size > 0;

/** Whether leaving now would lose it: what is being sent decides for itself where to go. */
export const wouldLose = () => [...held.values()].some((form) => !form.sending);

/** Tells that a form holds something unsaved for as long as it is on the screen. */
export function useUnsaved(unsaved: boolean, sending: boolean): void {
  const state = useRef({ sending });
  useEffect(() => {
    state.current.sending = sending;
  }, [sending]);
  useEffect(() => {
    if (!unsaved) return;
    const key = Symbol();
    held.set(key, state.current);
    return () => void held.delete(key);
  }, [unsaved]);
}
