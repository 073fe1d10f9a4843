import { Time } from "@/time";

/** How long ago, with the moment and its zone below it. */
export function Since({ at }: { at: string | undefined }) {
  return (
    <span className="flex flex-col">
      <Time value={at} style="relative" />
      <span className="text-xs text-faint">
        <Time value={at} />
      </span>
    </span>
  );
}
