import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { fleet } from "./fleet.ts";

/** Forgets the sessions of a run before: the fleet may be another, or have been started anew. */
export default function setup(): void {
  rmSync(join(fleet.dir, "browser", "sessions"), { recursive: true, force: true });
  mkdirSync(join(fleet.dir, "browser", "sessions"), { recursive: true });
}
