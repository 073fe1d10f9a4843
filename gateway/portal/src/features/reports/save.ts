import type { File } from "./queries";

/** Gives a file to the browser's downloads; it was fetched with the session and is in no cache. */
export function saveFile({ name, data, type }: File): void {
  const url = URL.createObjectURL(new Blob([data], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Not at once: the download reads the address after the click returns.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
