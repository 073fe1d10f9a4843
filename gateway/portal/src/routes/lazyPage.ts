import { lazyRouteComponent } from "@tanstack/react-router";
import { api, background, read } from "@/api";

/** Tells a script that is gone from a network that is away, by asking for something else. */
async function notLoaded(error: unknown): Promise<never> {
  await read(api.GET("/api/health", background));
  throw error;
}

/**
 * A page whose script is loaded when the page is first opened. Where a script is gone, which a new version does, the router loads the
 * portal anew; where nothing answers, that would put the browser's own error in the place of all that is on the screen.
 */
export const lazyPage: typeof lazyRouteComponent = (load, name) =>
  lazyRouteComponent(() => load().catch(notLoaded), name);
