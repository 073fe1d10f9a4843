import { expect, it } from "vitest";
import type { Execution } from "./figures";
import { sha256Hex, verify } from "./verify";

const bytes = (text: string) => new TextEncoder().encode(text).buffer;

const stored =
  '{"excluded":[{"n":1,"reason":"TIME_UNKNOWN"}],"n":2,"rows":[{"excluded":[],"group":"M1","meanSeconds":450,"medianSeconds":450,"n":2,' +
  '"p10Seconds":410,"p25Seconds":425,"p75Seconds":475,"p90Seconds":490},{"excluded":[{"n":1,"reason":"TIME_UNKNOWN"}],"group":"M2",' +
  '"meanSeconds":null,"medianSeconds":null,"n":0,"p90Seconds":null}]}';

async function execution(over: Execution = {}): Promise<Execution> {
  const unknown = [{ reason: "TIME_UNKNOWN", n: 1 }];
  return {
    n: 2,
    excluded: unknown,
    rows: [
      {
        group: "M1",
        n: 2,
        excluded: [],
        medianSeconds: 450,
        p90Seconds: 490,
        meanSeconds: 450,
        p10Seconds: 410,
        p25Seconds: 425,
        p75Seconds: 475,
      },
      { group: "M2", n: 0, excluded: unknown },
    ],
    resultSha256: await sha256Hex(bytes(stored)),
    ...over,
  };
}

it("computes SHA-256 as everybody does", async () => {
  // FIPS 180-2, "abc".
  expect(await sha256Hex(bytes("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

it("verifies the stored answer with its hash and its figures", async () => {
  expect(await verify(await execution(), bytes(stored))).toMatchObject({ verified: true, bytes: stored.length });
});

it("refuses an answer with another hash", async () => {
  const changed = stored.replace('"medianSeconds":450', '"medianSeconds":451');
  expect(await verify(await execution(), bytes(changed))).toMatchObject({ verified: false, why: "hash" });
});

it.each([
  ["another n", { n: 3 }],
  ["another exclusion", { excluded: [{ reason: "TIME_UNKNOWN", n: 2 }] }],
  ["a row more", { rows: [{ group: "M1" }, { group: "M2" }, { group: "M3" }] }],
  ["no rows", { rows: [] }],
])("refuses a page that shows %s", async (_, over) => {
  expect(await verify(await execution(over), bytes(stored))).toMatchObject({ verified: false, why: "figures" });
});

it("refuses a page that shows another figure", async () => {
  const e = await execution();
  const [first, ...rest] = e.rows ?? [];
  const shown = { ...e, rows: [{ ...first, p75Seconds: 474 }, ...rest] };
  expect(await verify(shown, bytes(stored))).toMatchObject({ verified: false, why: "figures" });
});
