/** By what requests are counted. Names are API. */
export const dimensions = [
  "api",
  "operation",
  "product",
  "subscription",
  "principal",
  "status",
  "reason",
  "upstream",
  "region",
  "agent",
] as const;

export type Dimension = (typeof dimensions)[number];

/** Values of a dimension that are told apart at a time, on a worker; the rest is counted under {@link other}. */
export const mostValues: Readonly<Record<Dimension, number>> = {
  api: 1024,
  operation: 4096,
  product: 512,
  subscription: 1024,
  principal: 8,
  status: 8,
  reason: 512,
  upstream: 512,
  region: 1,
  agent: 256,
};

/** Value of what was not told apart. */
export const other = "other";
/** Value of what a request does not have. */
export const none = "";

/** What can grow without an operator's doing: clients bring them along, or policies compute them. */
export const open: readonly Dimension[] = ["subscription", "upstream", "agent"];

export function isDimension(text: string): text is Dimension {
  return (dimensions as readonly string[]).includes(text);
}
