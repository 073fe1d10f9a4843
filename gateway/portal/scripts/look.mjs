// Screenshots of addresses of a running portal at three widths in both themes, for looking at them critically.
// BASE=http://127.0.0.1:5173 node scripts/look.mjs /qa/cases /audit  ->  screenshots/<width>-<theme>-<address>.png
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const base = process.env.BASE ?? "http://127.0.0.1:5173";
const widths = (process.env.WIDTHS ?? "360,1280,2560").split(",").map(Number);
const themes = (process.env.THEMES ?? "dark,light").split(",");
const out = process.env.OUT ?? "screenshots";
const addresses = process.argv.slice(2);
if (addresses.length === 0) throw new Error("name at least one address, e.g. /home");

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
for (const width of widths) {
  for (const theme of themes) {
    const context = await browser.newContext({
      viewport: { width, height: Math.round(width < 500 ? 780 : width * 0.62) },
      colorScheme: theme,
      ignoreHTTPSErrors: true,
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => console.log(`${width} ${theme}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") console.log(`${width} ${theme} console: ${message.text()}`);
    });
    for (const address of addresses) {
      await page.goto(base + address, { waitUntil: "networkidle" }).catch((e) => console.log(e.message.split("\n")[0]));
      await page.waitForTimeout(400);
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wide > 0) console.log(`${width} ${theme} ${address}: ${wide} px wider than the window`);
      const name = address.replace(/^\//, "").replace(/[^a-zA-Z0-9]+/g, "-") || "start";
      await page.screenshot({ path: `${out}/${width}-${theme}-${name}.png`, fullPage: process.env.FULL === "1" });
    }
    await context.close();
  }
}
await browser.close();
