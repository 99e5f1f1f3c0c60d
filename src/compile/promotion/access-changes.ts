import type { AccessRule } from "#model/definition.ts";
import type { AccessPlan } from "#model/snapshot.ts";
import type { PromotionCodeName } from "./codes.ts";
import type { Finding } from "./finding.ts";
import { wayChanges, wayIn } from "./way-changes.ts";
import type { ServedOperation } from "./served.ts";

type Change = readonly [PromotionCodeName, string];

/** Who may call an operation, before and after. */
export function accessChanges(before: ServedOperation, after: ServedOperation): readonly Finding[] {
  const { subject } = after;
  const [was, is] = [before.access, after.access];
  const changes = [...openness(was, is), ...certificates(was, is), ...rulesChanges(was, is), ...subscriptions(was, is)];
  return changes.map(([code, what]) => ({ code, what, subject }));
}

function openness(was: AccessPlan, is: AccessPlan): readonly Change[] {
  if (!was.public && is.public) return [["made-public", "needs no identity and no key any more"]];
  return was.public && !is.public ? [["access-narrowed", "is not public any more"]] : [];
}

function certificates(was: AccessPlan, is: AccessPlan): readonly Change[] {
  if (was.clientCertificate && !is.clientCertificate) {
    return [["certificate-dropped", "needs no client certificate any more"]];
  }
  return !was.clientCertificate && is.clientCertificate ? [["certificate-needed", "needs a client certificate"]] : [];
}

/** A rule that is another is one less and one more: what a condition lets in is not compared, so both are told. */
function rulesChanges(was: AccessPlan, is: AccessPlan): readonly Change[] {
  if (was.public || is.public) return [];
  const [old, fresh] = [textsOf(was.rules), textsOf(is.rules)];
  const gone = (effect: string): readonly string[] => old[effect]?.filter((one) => !fresh[effect]?.includes(one)) ?? [];
  const come = (effect: string): readonly string[] => fresh[effect]?.filter((one) => !old[effect]?.includes(one)) ?? [];
  const [had, has] = [(old["allow"] ?? []).length > 0, (fresh["allow"] ?? []).length > 0];
  const changes: Change[] = [];
  for (const rule of gone("deny")) changes.push(["access-widened", `nobody is kept out by ${rule} any more`]);
  for (const rule of come("deny")) changes.push(["access-narrowed", `is kept out whoever ${rule} holds for`]);
  if (had && !has) changes.push(["access-widened", "no rule has to allow the caller any more"]);
  else if (!had && has) changes.push(["access-narrowed", `allows only whom ${come("allow").join(" or ")} holds for`]);
  else {
    for (const rule of come("allow")) changes.push(["access-widened", `allows whoever ${rule} holds for`]);
    for (const rule of gone("allow")) changes.push(["access-narrowed", `does not allow by ${rule} any more`]);
  }
  return changes;
}

function textsOf(rules: readonly AccessRule[]): Readonly<Record<string, readonly string[]>> {
  const of = (effect: string): readonly string[] =>
    rules.filter((rule) => rule.effect === effect).map(({ condition }) => condition.source);
  return { allow: of("allow"), deny: of("deny") };
}

function subscriptions(was: AccessPlan, is: AccessPlan): readonly Change[] {
  if (was.public || is.public || was.subscription === is.subscription) return [];
  if (is.subscription === "none") {
    return [["access-widened", "needs no subscription any more: its access rules alone decide"]];
  }
  // Rules that had to hold still have to.
  if (was.subscription === "none") return [["access-narrowed", `needs ${wayIn(is.subscription)} for a product`]];
  return wayChanges(was.subscription, is.subscription);
}
