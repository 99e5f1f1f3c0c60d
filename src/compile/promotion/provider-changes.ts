import { canonicalJson } from "#compile/canonical.ts";
import type { Provider } from "#model/definition.ts";
import { type Finding, finding } from "./finding.ts";
import { addedOf, bothOf } from "./named.ts";
import type { Served } from "./served.ts";

/** Whose tokens are believed. */
export function providerChanges({ definition: before }: Served, { definition: after }: Served): readonly Finding[] {
  const [was, is] = [before.providers, after.providers];
  const others = bothOf(was, is).filter(([old, fresh]) => canonicalJson(old) !== canonicalJson(fresh));
  return [
    ...addedOf(was, is).map((one) => finding("issuer-added", subjectOf(one), `tokens of ${one.issuer} are believed`)),
    ...addedOf(is, was).map((one) =>
      finding("issuer-removed", subjectOf(one), `tokens of ${one.issuer} are not believed any more`),
    ),
    ...others.map(([, one]) =>
      finding("identity-changed", subjectOf(one), "what is believed of its tokens is another"),
    ),
  ];
}

function subjectOf({ name }: Provider): string {
  return `identity provider ${name}`;
}
