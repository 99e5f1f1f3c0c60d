import { canonicalJson } from "#compile/canonical.ts";
import type { PolicyException } from "#model/definition.ts";
import { type Finding, finding } from "./finding.ts";
import { addedOf, bothOf } from "./named.ts";
import type { Served } from "./served.ts";

export function exceptionChanges({ definition: before }: Served, { definition: after }: Served): readonly Finding[] {
  const [was, is] = [before.exceptions ?? [], after.exceptions ?? []];
  const others = bothOf(was, is).filter(([old, fresh]) => canonicalJson(old) !== canonicalJson(fresh));
  return [
    ...[...addedOf(was, is), ...others.map(([, fresh]) => fresh)].map((one) =>
      finding("exception-added", subjectOf(one), described(one)),
    ),
    ...addedOf(is, was).map((one) =>
      finding("exception-ended", subjectOf(one), `${one.place} is what it is elsewhere`),
    ),
  ];
}

function described({ place, value, until, approvedBy, reason }: PolicyException): string {
  return `${place} is ${value} until ${until}, approved by ${approvedBy}: ${reason}`;
}

function subjectOf({ name }: PolicyException): string {
  return `exception ${name}`;
}
