import type { Handover } from "#model/exchange.ts";

/** Hand-overs that follow each other; what else stands in a trail happened within the one that comes behind it. */
const steps: ReadonlySet<string> = new Set([
  "edge read",
  "edge admit",
  "edge route",
  "edge site",
  "edge offered",
  "edge grant",
  "policy preflight",
  "identity authenticate",
  "identity subscribe",
  "policy access",
  "policy inbound",
  "upstream forward",
  "outbound outbound",
]);

export function isStep({ door, step }: Pick<Handover, "door" | "step">): boolean {
  return steps.has(`${door} ${step}`);
}
