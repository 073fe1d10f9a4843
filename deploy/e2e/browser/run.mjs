// Starts a fleet of its own, runs Playwright against it, and stops it again:
//
//   node run.mjs [arguments of playwright test]
//
// FLEET_DIR=/path/to/.run takes a fleet that runs already instead, for whoever writes tests.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../..");
const readyLine = "FusionEMS Quantum is ready:";

/** Starts a fleet in a directory of its own and answers when it is ready. */
async function startFleet() {
  const dir = mkdtempSync(join(tmpdir(), "fleet-browser-"));
  // The private PostgreSQL runs as another user, which must reach its data directory.
  chmodSync(dir, 0o755);
  symlinkSync(join(root, ".run/bin"), join(dir, "bin"));
  const launcher = spawn(join(dir, "bin/fleet"), ["-dir", dir, "up"], { stdio: ["ignore", "pipe", "inherit"], detached: true });
  const ended = new Promise((done) => launcher.once("exit", done));
  let said = "";
  const ready = new Promise((done) => {
    launcher.stdout.on("data", (chunk) => {
      said += chunk;
      if (said.includes(readyLine)) done(true);
    });
  });
  const stop = async () => {
    launcher.kill("SIGTERM");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  if ((await Promise.race([ready, ended])) !== true) {
    process.stderr.write(said);
    rmSync(dir, { recursive: true, force: true });
    throw new Error("the fleet does not start");
  }
  return { dir, stop };
}

async function runPlaywright(dir, args) {
  const cli = join(here, "node_modules/@playwright/test/cli.js");
  const env = { ...process.env, FLEET_DIR: dir, NODE_EXTRA_CA_CERTS: join(dir, "pki/ca.crt"), PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
  const child = spawn(process.execPath, [cli, "test", ...args], { cwd: here, stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  return new Promise((done) => child.once("exit", (code) => done(code ?? 1)));
}

/** What the gateway and the provider complained about: the directory is gone when somebody could look. */
function showLogs(dir) {
  for (const name of ["gateway", "issuer"]) {
    const file = join(dir, "logs", `${name}.log`);
    if (existsSync(file)) process.stderr.write(`---- ${name}.log\n${readFileSync(file, "utf8").slice(-4000)}\n`);
  }
}

const given = process.env.FLEET_DIR;
const fleet = given ? { dir: resolve(given), stop: async () => {} } : await startFleet();
let code = 1;
try {
  code = await runPlaywright(fleet.dir, process.argv.slice(2));
  if (code !== 0 && !given) showLogs(fleet.dir);
} finally {
  await fleet.stop();
}
process.exit(code);
