import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { agencyChoice } from "@/api";
import { forgetSession } from "@/api/session";
import { clearToasts } from "@/ui/toast";

// A busy machine needs longer than a second to draw a whole page; what comes sooner is not waited for.
configure({ asyncUtilTimeout: 20_000 });

// What jsdom lacks of a browser.
HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
  this.setAttribute("open", "");
};
HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
  if (!this.open) return;
  this.removeAttribute("open");
  this.dispatchEvent(new Event("close"));
};
Element.prototype.scrollIntoView = () => undefined;
Element.prototype.hasPointerCapture = () => false;
Blob.prototype.arrayBuffer = function (this: Blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result as ArrayBuffer));
    reader.addEventListener("error", () => reject(reader.error ?? new Error("unreadable")));
    reader.readAsArrayBuffer(this);
  });
};
window.scrollTo = () => undefined;
window.matchMedia = (media: string) =>
  ({
    matches: false,
    media,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};

beforeEach(() => {
  // A call that no test answers is a mistake of the test, not a connection to wait for.
  vi.stubGlobal("fetch", () => Promise.reject(new Error("this test answers no calls; use serve()")));
});

afterEach(() => {
  cleanup();
  clearToasts();
  forgetSession();
  agencyChoice.set({ agencyId: null, reason: null });
  vi.unstubAllGlobals();
  expect(document.cookie).not.toMatch(/session/i);
});
