import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Schema } from "@/api";
import { useStore } from "@/api/store";
import { upload } from "@/api/upload";
import { objectionTo } from "./check";
import { createQueue, isMoving, type Item, type Queue } from "./queue";

const key = ["charts", "import"] as const;

function newQueue(): Queue {
  return createQueue({
    check: objectionTo,
    send: async (file, onSent, signal) => {
      const { status, data } = await upload({
        path: "/api/clinical/charts",
        body: file,
        contentType: "application/xml",
        onSent,
        signal,
      });
      return { status, charts: (data as Schema<"v1ImportChartsResponse">).charts ?? [] };
    },
  });
}

/**
 * The queue of the page. It outlives the page by a few minutes, so that whoever looks at a chart finds the results again; it lies
 * with what else was read, so that it goes when the agency changes or the session ends.
 */
export function useImportQueue(): { queue: Queue; items: readonly Item[] } {
  const client = useQueryClient();
  const [queue] = useState(() => client.getQueryData<Queue>(key) ?? newQueue());
  const items = useStore(queue.items);
  useEffect(() => {
    client.setQueryData(key, queue);
    return () => queue.stop();
  }, [client, queue]);
  const moving = items.some(isMoving);
  const stored = items.some((item) => item.state === "stored");
  useEffect(() => {
    if (moving || !stored) return;
    void client.invalidateQueries({ queryKey: ["charts", "list"] });
    void client.invalidateQueries({ queryKey: ["charts", "summary"] });
  }, [client, moving, stored]);
  return { queue, items };
}
