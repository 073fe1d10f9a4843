import { z } from "zod";
import { daysOf, isDay, mostDays, presets } from "./period";

/** What a run is asked by. The days are checked as a pair: the API names the same rules. */
export function runSchema(today: string) {
  const day = z.string().refine(isDay, "Choose a day");
  return z
    .object({
      preset: z.enum(presets.map((p) => p.value)),
      from: day,
      to: day,
      groupBy: z.string().min(1, "Choose what to group by"),
    })
    .superRefine(({ from, to }, context) => {
      if (!isDay(from) || !isDay(to)) return;
      const say = (path: "from" | "to", message: string) => context.addIssue({ code: "custom", path: [path], message });
      if (from > today) say("from", "This day has not come yet");
      else if (to < from) say("to", "The last day is before the first");
      else if (daysOf({ from, to }) > mostDays)
        say("to", `A period has at most ${mostDays} days; this one has ${daysOf({ from, to })}`);
    });
}

export type RunValues = z.infer<ReturnType<typeof runSchema>>;
