import { RE2JS } from "re2js";
import type { ActiveHealth } from "#model/target-health.ts";
import { isWithin } from "./status-match.ts";

export type ProbeVerdict = (status: number, body: Uint8Array) => boolean;

/** @throws when the pattern is none: the definition's reader has refused that before */
export function createVerdict({ statuses, body }: ActiveHealth): ProbeVerdict {
  const holds = bodyTest(body);
  return (status, bytes) => isWithin(statuses, status) && holds(bytes);
}

/** RE2, because a pattern meets what an upstream sends: a backtracking one could stop the worker. */
function bodyTest(body: ActiveHealth["body"]): (bytes: Uint8Array) => boolean {
  if (body === null) return () => true;
  if (body.kind === "contains") return (bytes) => Buffer.from(bytes).includes(body.text);
  const pattern = RE2JS.compile(body.text);
  return (bytes) => pattern.matcher(Buffer.from(bytes).toString("utf8")).find();
}
