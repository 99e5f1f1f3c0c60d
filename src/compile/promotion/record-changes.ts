import { canonicalJson } from "#compile/canonical.ts";
import { type Finding, finding, when } from "./finding.ts";
import { addedOf } from "./named.ts";
import type { Served } from "./served.ts";

const subject = "definition audit";

/** What can be known later of what was done. */
export function recordChanges({ definition: before }: Served, { definition: after }: Served): readonly Finding[] {
  const [was, is] = [before.audit, after.audit];
  const isLooser = was.durability === "strict" && is.durability !== "strict";
  const isShorter =
    isLess(was.retention.maxAgeMs, is.retention.maxAgeMs) || isLess(was.retention.maxBytes, is.retention.maxBytes);
  const isRedacted = canonicalJson(was.redact) !== canonicalJson(is.redact);
  const unheard = addedOf(after.sinks, before.sinks);
  return [
    ...when(isLooser, "record-weaker", subject, "responses do not wait for the record any more"),
    ...when(isShorter, "record-weaker", subject, "less of it is kept"),
    ...when(isRedacted, "record-weaker", subject, "what is kept out of it is another"),
    ...when(was.witness !== null && is.witness === null, "record-weaker", subject, "nobody witnesses it any more"),
    ...unheard.map(({ name }) => finding("record-weaker", subject, `the sink ${name} does not get it any more`)),
  ];
}

/** Null is no bound. */
function isLess(was: number | null, is: number | null): boolean {
  return is !== null && (was === null || is < was);
}
