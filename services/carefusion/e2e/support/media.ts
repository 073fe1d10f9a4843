import { expect, type Page } from "@playwright/test";

export interface Inbound {
  audio: number;
  video: number;
  frames: number;
  /** Addresses that ICE was told to ask. */
  servers: string[];
}

/** What arrived in all calls of a page so far. */
export function inbound(page: Page): Promise<Inbound> {
  return page.evaluate(async () => {
    const made = (window as unknown as { made: RTCPeerConnection[] }).made;
    const sum = { audio: 0, video: 0, frames: 0, servers: [] as string[] };
    for (const connection of made) {
      for (const server of connection.getConfiguration().iceServers ?? []) sum.servers.push(...[server.urls].flat());
      if (connection.connectionState === "closed") continue;
      for (const s of (await connection.getStats()).values() as Iterable<{ type: string; kind?: string; packetsReceived?: number; framesDecoded?: number }>) {
        if (s.type !== "inbound-rtp") continue;
        if (s.kind === "audio") sum.audio += s.packetsReceived ?? 0;
        if (s.kind === "video") {
          sum.video += s.packetsReceived ?? 0;
          sum.frames += s.framesDecoded ?? 0;
        }
      }
    }
    return sum;
  });
}

/** Waits until sound and pictures have arrived, and then until more of both have. */
export async function expectFlowing(page: Page): Promise<void> {
  let before: Inbound | undefined;
  // A picture that nobody can see is not sent.
  await page.locator("[data-call]").scrollIntoViewIfNeeded();
  await expect
    .poll(
      async () => {
        const now = await inbound(page);
        // A call that was joined anew counts from zero.
        if (!before || now.audio < before.audio || now.video < before.video) {
          before = undefined;
          if (now.audio > 0 && now.frames > 0) before = now;
          return false;
        }
        return now.audio > before.audio && now.video > before.video && now.frames > before.frames;
      },
      { timeout: 90_000, message: "sound and pictures arrive, and go on arriving" },
    )
    .toBe(true);
}

/** Waits until nothing arrives any more: no connection is open, or its counters stand still over several looks. */
export async function expectSilent(page: Page): Promise<void> {
  let last = "";
  let same = 0;
  await expect
    .poll(
      async () => {
        const { audio, video, frames } = await inbound(page);
        const now = [audio, video, frames].join();
        same = now === last ? same + 1 : 0;
        last = now;
        return same;
      },
      { timeout: 60_000, intervals: [500], message: "nothing arrives any more" },
    )
    .toBeGreaterThan(5);
}
