import { compareDefinitions } from "#compile/comparison/compare.ts";
import type { Difference, DifferenceGroup } from "#compile/comparison/difference.ts";
import type { Definition } from "#model/definition.ts";
import { apiChanges } from "./api-changes.ts";
import type { PromotionCodeName } from "./codes.ts";
import { type CallerChange, type Finding, gather } from "./finding.ts";
import { backendChanges } from "./backend-changes.ts";
import { edgeChanges, egressChanges } from "./edge-changes.ts";
import { exceptionChanges } from "./exception-changes.ts";
import { providerChanges } from "./provider-changes.ts";
import { recordChanges } from "./record-changes.ts";
import { operationChanges } from "./operation-changes.ts";
import { productChanges } from "./product-changes.ts";
import { subscriptionChanges } from "./subscription-changes.ts";
import { type Served, servedBy } from "./served.ts";

type Rule = (before: Served, after: Served) => readonly Finding[];

const rules: readonly Rule[] = [
  operationChanges,
  apiChanges,
  productChanges,
  subscriptionChanges,
  providerChanges,
  edgeChanges,
  egressChanges,
  recordChanges,
  exceptionChanges,
  backendChanges,
];

/** What a difference is that no rule has a better word for. */
const otherwise: Readonly<Record<DifferenceGroup, PromotionCodeName>> = {
  access: "access-changed",
  policy: "policy-changed",
  exception: "exception-added",
  secret: "secret-changed",
  host: "setting-changed",
  address: "setting-changed",
  backend: "backend-changed",
  setting: "setting-changed",
};

/**
 * What callers would see if one definition took the place of another, in words, the most dangerous first. It fails
 * closed: a difference of what decides who may call is a danger unless a rule knows better, and where two definitions
 * differ (`compareDefinitions`) at least one change is told.
 *
 * @param before what runs today
 * @param after what would run
 * @throws GatewayError `definition-invalid` where one of them cannot be compiled
 */
export function changesForCallers(before: Definition, after: Definition): readonly CallerChange[] {
  const sides = [servedBy(before), servedBy(after)] as const;
  const found = rules.flatMap((rule) => rule(...sides));
  const told = new Set(found.map(({ subject }) => subject));
  const left = compareDefinitions(before, after).filter((difference) => !isTold(difference, told, found));
  return gather([...found, ...left.map(unexplained)]);
}

/** Some rule has said what becomes of it. */
function isTold({ group, entry, place }: Difference, told: ReadonlySet<string>, found: readonly Finding[]): boolean {
  const subject = `${entry.kind} ${entry.name}`;
  const prefix = entry.kind === "API" ? `operation ${entry.name}.` : "operation ";
  const has = (related: (one: Finding) => boolean): boolean => found.some(related);
  if (place === "") return told.has(subject) || (entry.kind === "API" && has((one) => one.subject.startsWith(prefix)));
  if (group === "exception" || group === "host" || group === "backend") return told.has(subject);
  if (group === "policy") return has(({ code }) => ofPolicies.test(code));
  if (isPlanned(entry, place)) return has((one) => ofAccess.test(one.code) && one.subject.startsWith(prefix));
  if (group === "access") return has((one) => ofAccess.test(one.code) && one.subject === subject);
  return has((one) => one.subject === subject && one.what.startsWith(`${place} is `));
}

const ofPolicies = /^(?:protection|limit|policy)-/;
const ofAccess = /^(?:access|certificate|identity|issuer|key|made|proxy|subscription)-/;

/** All that is said there is in the plans of operations. */
function isPlanned({ kind }: Difference["entry"], place: string): boolean {
  return (kind === "API" || kind === "operation") && /^(?:access|clientCertificate)\b/.test(place);
}

function unexplained({ group, entry, place }: Difference): Finding {
  const subject = `${entry.kind} ${entry.name}`;
  if (isPlanned(entry, place))
    return { code: "setting-changed", what: `${place} is another, and comes to the same`, subject };
  const what = place === "" ? "is new, gone or in another order" : `${place} is another`;
  return { code: otherwise[group], what, subject };
}
