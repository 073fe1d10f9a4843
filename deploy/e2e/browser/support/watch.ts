import { expect, type BrowserContext, type Page, type Response } from "@playwright/test";

import { fleet } from "./fleet.ts";
import { protectedIn } from "./protected.ts";

/** What a browser notices while a person works: each of these lists stays empty, unless a test provokes an entry. */
export class Watch {
  /** Violations of the content security policy, as the browser reports them. */
  readonly violations: string[] = [];
  /** Exceptions that nobody caught, and errors on the console. */
  readonly errors: string[] = [];
  /** Answers of the API that a browser might keep. */
  readonly cacheable: string[] = [];
  /** Requests to anywhere but the gateway and the provider. */
  readonly foreign: string[] = [];
  /** Every address that was asked for or shown. */
  readonly urls = new Set<string>();

  private constructor(private readonly context: BrowserContext) {}

  static async over(context: BrowserContext): Promise<Watch> {
    const watch = new Watch(context);
    await context.exposeBinding("__reportViolation", (_, text: string) => void watch.violations.push(text));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (e) => {
        const report = (window as unknown as { __reportViolation: (text: string) => void }).__reportViolation;
        report(`${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`);
      });
    });
    context.on("weberror", (e) => watch.errors.push(e.error().stack ?? e.error().message));
    context.on("console", (message) => {
      // A refused answer is an error on the console, too; what it means for the page is for the page's test.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) watch.errors.push(message.text());
    });
    context.on("request", (request) => watch.asked(request.url()));
    context.on("response", (response) => watch.answered(response));
    context.on("page", (page) => page.on("framenavigated", (frame) => watch.urls.add(frame.url())));
    return watch;
  }

  private asked(url: string): void {
    this.urls.add(url);
    const { protocol, origin } = new URL(url);
    if (!protocol.startsWith("http")) return;
    if (origin !== fleet.gateway && origin !== new URL(fleet.issuer).origin) this.foreign.push(url);
  }

  private answered(response: Response): void {
    const { pathname, origin } = new URL(response.url());
    if (origin !== fleet.gateway || !(pathname.startsWith("/api/") || pathname.startsWith("/auth/"))) return;
    const control = response.headers()["cache-control"] ?? "";
    if (!control.includes("no-store")) this.cacheable.push(`${response.status()} ${pathname}: Cache-Control "${control}"`);
  }

  /** Fails when anything was noticed, or when something protected is kept where it does not belong. */
  async expectClean(): Promise<void> {
    expect.soft(this.violations, "violations of the content security policy").toEqual([]);
    expect.soft(this.errors, "errors in the browser").toEqual([]);
    expect.soft(this.cacheable, "answers that a browser may keep").toEqual([]);
    expect.soft(this.foreign, "requests to other sites").toEqual([]);
    for (const url of this.urls) expect.soft(protectedIn(url), `protected in the address ${url}`).toEqual([]);
    for (const page of this.context.pages()) {
      const { title, kept } = await keptBy(page);
      expect.soft(protectedIn(title), `protected in the title "${title}"`).toEqual([]);
      expect.soft(protectedIn(kept), `protected in what the browser keeps: ${kept}`).toEqual([]);
    }
  }
}

/** Title of a page, and all that its site keeps in the browser. */
async function keptBy(page: Page): Promise<{ title: string; kept: string }> {
  if (!page.url().startsWith(fleet.gateway)) return { title: await page.title(), kept: "" };
  return page.evaluate(async () => {
    const databases = (await indexedDB.databases()).map((d) => `indexedDB ${d.name}`);
    const requests = (await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))).flat();
    return {
      title: document.title,
      kept: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, databases, requests.map((r) => r.url), history.state]),
    };
  });
}
