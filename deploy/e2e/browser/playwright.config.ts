import { defineConfig } from "@playwright/test";
import { join, resolve } from "node:path";

import { fleet, pinnedKeys } from "./support/fleet.ts";

const out = resolve(import.meta.dirname, "../../../.run/browser");

export default defineConfig({
  testDir: "tests",
  outputDir: join(out, "results"),
  fullyParallel: true,
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  // Not one retry: a test that fails now and then says something about the portal.
  retries: 0,
  // Signing in may have to wait half a minute for a code that nobody has used; the fleet and both browsers share the machine.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  globalSetup: "./support/setup.ts",
  use: {
    baseURL: fleet.gateway,
    viewport: { width: 1280, height: 900 },
    locale: "en-US",
    timezoneId: "America/Chicago",
    colorScheme: "dark",
    // Colours that are still changing have no contrast to speak of.
    contextOptions: { reducedMotion: "reduce" },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox", // Chromium refuses to start as root with it; what it loads is our own.
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // The keys of this one fleet are trusted, and no others: certificate errors stay errors.
        `--ignore-certificate-errors-spki-list=${pinnedKeys().join(",")}`,
      ],
    },
  },
  projects: [
    { name: "portal", testIgnore: /(screenshots|keycloak)\.spec/ },
    { name: "screenshots", testMatch: /screenshots\.spec/ },
  ],
});
