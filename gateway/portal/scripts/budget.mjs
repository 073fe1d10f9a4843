// Fails when the script that a browser must have before the first page shows is larger than the budget: the entry and
// everything that it imports statically, gzip-compressed. Lazily loaded pages do not count; they are listed for the eye.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const budget = 250_000;
const site = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../dist/site");
const manifest = JSON.parse(readFileSync(join(site, "manifest.json"), "utf8"));

const size = (file) => gzipSync(readFileSync(join(site, file)), { level: 9 }).length;

function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
if (!entry) throw new Error("the manifest names no entry");
const first = [...closure(entry)];
const firstSize = first.reduce((sum, key) => sum + size(manifest[key].file), 0);

const lazy = Object.keys(manifest)
  .filter((key) => !first.includes(key) && manifest[key].file.endsWith(".js"))
  .map((key) => [size(manifest[key].file), key])
  .sort((a, b) => b[0] - a[0]);

const kB = (n) => `${(n / 1000).toFixed(1)} kB`;
console.log(`first load: ${kB(firstSize)} of ${kB(budget)} gzip script in ${first.length} files`);
for (const [n, key] of lazy.slice(0, 5)) console.log(`  later: ${kB(n)} ${key}`);
if (firstSize > budget) {
  console.error(`first load is ${kB(firstSize - budget)} over the budget; load something of it lazily`);
  process.exit(1);
}
