import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import type { ProxyOptions } from "vite";
import { compress } from "./scripts/compress.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The development server stands before a running gateway. FLEET_DEV_TOKEN signs every call as that caller: it is read here,
 * by the server, and never becomes part of the page.
 */
function gateway(): Record<string, ProxyOptions> {
  const target = process.env.GATEWAY_URL;
  if (!target) return {};
  const token = process.env.FLEET_DEV_TOKEN ?? tokenFile();
  const options: ProxyOptions = {
    target,
    changeOrigin: true,
    secure: false,
    ...(token ? { headers: { Authorization: `Bearer ${token}` } } : {}),
  };
  return { "/api": options, "/auth": { target, changeOrigin: true, secure: false }, "/openapi.json": options };
}

function tokenFile(): string | undefined {
  const file = process.env.FLEET_DEV_TOKEN_FILE;
  return file ? readFileSync(file, "utf8").trim() : undefined;
}

export default defineConfig({
  plugins: [react(), tailwindcss(), compress()],
  resolve: {
    alias: { "@": here("./src"), "@fleet": here("../../proto/gen/typescript") },
  },
  server: {
    port: Number(process.env.PORT ?? 5173),
    proxy: gateway(),
    fs: { allow: [here("."), here("../../proto/gen/typescript")] },
  },
  build: {
    outDir: "dist/site",
    emptyOutDir: true,
    target: "es2023",
    // The content security policy allows no data: URIs, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    chunkSizeWarningLimit: 700,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.ts"],
    css: false,
    restoreMocks: true,
    testTimeout: 15_000,
    maxWorkers: 2,
  },
});
