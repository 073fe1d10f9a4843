import { createStore } from "./store";

/**
 * A call that needs a recent second factor waits here: the shell shows a dialog, its button opens the sign-in window (from the
 * click, so that no browser blocks it), and that window says on the channel that it is done.
 */
export interface StepUpRequest {
  resolve(confirmed: boolean): void;
}

export const stepUpRequest = createStore<StepUpRequest | null>(null);

let current: Promise<boolean> | null = null;

/** Asks the person once, however many calls wait; true when the second factor was given. */
export function requestStepUp(): Promise<boolean> {
  current ??= new Promise<boolean>((resolve) => {
    stepUpRequest.set({
      resolve(confirmed) {
        current = null;
        stepUpRequest.set(null);
        resolve(confirmed);
      },
    });
  });
  return current;
}

export const stepUpChannel = "fleet-auth";

export function openStepUpWindow(): void {
  window.open("/auth/step-up", "fleet-step-up", "popup,width=480,height=720");
}
