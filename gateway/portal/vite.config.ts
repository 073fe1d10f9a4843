import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import type { ProxyOptions } from "vite";
import { compress } from "./scripts/compress.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The development server stands before a running gateway. FLEET_DEV_TOKEN (or the file that FLEET_DEV_TOKEN_FILE names, read at
 * each call because tokens live 15 minutes) signs every call as that caller: here, in the server; it never becomes part of the page.
 */
function gateway(): Record<string, ProxyOptions> {
  const target = process.env.GATEWAY_URL;
  if (!target) return {};
  const plain: ProxyOptions = { target, changeOrigin: true, secure: false };
  const signed: ProxyOptions = {
    ...plain,
    configure: (proxy) => {
      proxy.on("proxyReq", (request) => {
        const bearer = token();
        if (!bearer) return;
        request.setHeader("Authorization", `Bearer ${bearer}`);
        // A session of the gateway's own page on this machine would come along; both at once are refused.
        request.removeHeader("Cookie");
      });
    },
  };
  return { "/api": signed, "/auth": plain, "/openapi.json": plain };
}

function token(): string | undefined {
  const file = process.env.FLEET_DEV_TOKEN_FILE;
  return file ? readFileSync(file, "utf8").trim() : process.env.FLEET_DEV_TOKEN;
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
    testTimeout: 90_000,
    maxWorkers: 2,
  },
});
