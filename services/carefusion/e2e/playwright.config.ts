import { defineConfig } from "@playwright/test";
import { resolve } from "node:path";
import { local, pinnedKey } from "./support/local.ts";

export default defineConfig({
  testDir: "tests",
  outputDir: resolve(import.meta.dirname, "../.run/e2e/results"),
  // One provider, one calendar, one service that a test kills: one after the other.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  // Not one retry: a test that fails now and then says something about the page.
  retries: 0,
  // Signing in may have to wait half a minute for a code that nobody has used.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    baseURL: local.url,
    viewport: { width: 1280, height: 900 },
    locale: "en-US",
    timezoneId: "America/Denver",
    colorScheme: "dark",
    // Colours that are still changing have no contrast to speak of.
    contextOptions: { reducedMotion: "reduce" },
    screenshot: "only-on-failure",
    permissions: ["camera", "microphone"],
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
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        // A machine without another address than loopback has no way for media otherwise.
        "--allow-loopback-in-peer-connection",
        // The key of this one installation is trusted, and no other: certificate errors stay errors.
        `--ignore-certificate-errors-spki-list=${pinnedKey()}`,
      ],
    },
  },
  projects: [
    { name: "page", testIgnore: /screenshots\.spec/ },
    { name: "screenshots", testMatch: /screenshots\.spec/ },
  ],
});
