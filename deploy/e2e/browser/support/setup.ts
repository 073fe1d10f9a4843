import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { fleet } from "./fleet.ts";
import { collectProtected } from "./protected.ts";

/** Forgets the sessions of a run before: the fleet may be another, or have been started anew. */
export default async function setup(): Promise<void> {
  const sessions = join(fleet.dir, "browser", "sessions");
  rmSync(sessions, { recursive: true, force: true });
  mkdirSync(sessions, { recursive: true });
  await collectProtected();
}
