/** The largest document that the service takes (20 MB). */
export const maxBytes = 20 * 1024 * 1024;

/** How much of a file is looked at: prolog, comments and the root element fit well into it. */
const head = 64 * 1024;

/** Why a file need not be sent, in words; null when it may be a NEMSIS document. Whether it is one, the service decides. */
export async function objectionTo(file: File): Promise<string | null> {
  const name = file.name.toLowerCase();
  if (name.endsWith(".zip") || name.endsWith(".gz"))
    return "This is an archive. Unpack it and add the XML files in it.";
  if (!name.endsWith(".xml")) return "Only .xml files can be NEMSIS documents.";
  if (file.size === 0) return "The file is empty.";
  if (file.size > maxBytes) return `The file is larger than ${formatBytes(maxBytes)}. Export it in parts.`;
  const start = new Uint8Array(await file.slice(0, head).arrayBuffer());
  if (start[0] === 0xff || start[0] === 0xfe) return "The file is not UTF-8. Save or export it as UTF-8.";
  const text = new TextDecoder().decode(start).trimStart();
  if (!text.startsWith("<")) return "The content is not XML.";
  const root = rootOf(text);
  if (root === null) return null;
  if (root === "DEMDataSet") return "This is an agency data set (DEMDataSet). Charts come as EMSDataSet.";
  return root === "EMSDataSet" ? null : `The root element is <${root}>. Charts come as NEMSIS EMSDataSet.`;
}

/** Local name of the first element; null when the part that was read does not reach it. */
function rootOf(text: string): string | null {
  const rest = text.replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!DOCTYPE[^>]*>/g, "");
  const name = /^\s*<([\w.:-]+)/.exec(rest)?.[1];
  return name ? name.slice(name.indexOf(":") + 1) : null;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}\u00a0B`;
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)}\u00a0kB`;
  return `${(bytes / (1024 * 1024)).toFixed(bytes % (1024 * 1024) < 52_429 ? 0 : 1)}\u00a0MB`;
}
