import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

import { fleet } from "./fleet.ts";

/** Has the compliance service date the alerts of an agency now instead of at the next hour: puts its own job into the queue. */
export async function dateAlerts(agency: number): Promise<void> {
  const url = new URL(fleet.databaseURL);
  const ca = url.searchParams.get("sslrootcert");
  for (const name of ["sslmode", "sslrootcert"]) url.searchParams.delete(name);
  const client = new pg.Client({ connectionString: url.href, ...(ca ? { ssl: { ca: readFileSync(ca, "utf8") } } : {}) });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO compliance.river_job (kind, args, max_attempts)
       VALUES ('compliance.raise-alerts', jsonb_build_object('agencyId', $1::bigint, 'slot', $2::text), 3) RETURNING id`,
      [agency, String(process.hrtime.bigint())],
    );
    for (;;) {
      const { rows: done } = await client.query(`SELECT FROM compliance.river_job WHERE id = $1 AND state = 'completed'`, [rows[0]?.id]);
      if (done.length > 0) return;
      await sleep(100);
    }
  } finally {
    await client.end();
  }
}
