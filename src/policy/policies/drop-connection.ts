import { refuse } from "#model/decision.ts";
import type { Run } from "#policy/context.ts";

/** The refusal is for the record: the pipeline gives the client nothing. */
export function link(): Run {
  return () => refuse("connection-dropped");
}
