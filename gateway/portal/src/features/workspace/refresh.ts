import type { QueryClient } from "@tanstack/react-query";

/**
 * Reads a workspace anew after something in it changed, or the part of it that did. The bell and the homes count its alerts under a
 * key of their own and look seldom: without this they would go on asking for what has just been done.
 */
export const refreshWorkspace = (client: QueryClient, { name }: { name: "dea" | "cms" }, part?: "alerts") =>
  Promise.all([
    client.invalidateQueries({ queryKey: part ? [name, part] : [name] }),
    client.invalidateQueries({ queryKey: ["home", "alerts", name] }),
  ]);
