import type { Tone } from "./Status";

/** The colour of the left edge of a tile, which says at a glance how its figure is meant. */
export const edge: Readonly<Record<Tone, string>> = {
  neutral: "border-l-line-strong",
  accent: "border-l-accent",
  success: "border-l-success",
  warning: "border-l-warning",
  danger: "border-l-danger",
  info: "border-l-info",
};
