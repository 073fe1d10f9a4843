// Starts a CareFusion of its own, runs Playwright against it, and stops it again:
//
//   node run.mjs [arguments of playwright test]
//
// CAREFUSION_LOCAL=/path/to/.run takes one that runs already instead, for whoever writes tests.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const program = resolve(here, "../.run/bin/carefusion-local");

function start() {
  const dir = mkdtempSync(join(tmpdir(), "carefusion-e2e-"));
  // The private PostgreSQL runs as another user, which must reach its folder.
  chmodSync(dir, 0o711);
  const up = spawnSync(program, ["-dir", dir, "up", "--detach"], { stdio: ["ignore", "inherit", "inherit"] });
  const stop = () => {
    spawnSync(program, ["-dir", dir, "reset"], { stdio: "inherit" });
    rmSync(dir, { recursive: true, force: true });
  };
  if (up.status !== 0) {
    stop();
    throw new Error("CareFusion does not start");
  }
  return { dir, stop };
}

/** What went wrong inside: the folder is gone when somebody could look. */
function showLogs(dir) {
  for (const name of ["carefusion", "video", "launcher"]) {
    const file = join(dir, "logs", `${name}.log`);
    if (!existsSync(file)) continue;
    const lines = readFileSync(file, "utf8").split("\n");
    const told = lines.filter((l) => !l.includes('"msg":"call"') || l.includes('"code":"Internal"'));
    process.stderr.write(`---- ${name}.log\n${told.slice(-25).join("\n")}\n`);
  }
}

const given = process.env.CAREFUSION_LOCAL;
const local = given ? { dir: resolve(given), stop: () => {} } : start();
let code = 1;
try {
  const env = { ...process.env, CAREFUSION_LOCAL: local.dir, NODE_EXTRA_CA_CERTS: join(local.dir, "pki/ca.crt"), PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
  const child = spawn(process.execPath, [join(here, "node_modules/@playwright/test/cli.js"), "test", ...process.argv.slice(2)], { cwd: here, stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  code = await new Promise((done) => child.once("exit", (c) => done(c ?? 1)));
  if (code !== 0 && !given) showLogs(local.dir);
} finally {
  local.stop();
}
process.exit(code);
