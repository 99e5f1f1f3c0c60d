import type { SubscriptionDeclaration, SubscriptionScope } from "#model/definition.ts";
import { type Finding, finding, when } from "./finding.ts";
import { addedOf, bothOf } from "./named.ts";
import type { Served } from "./served.ts";

/** Keys that the definition declares. */
export function subscriptionChanges({ definition: before }: Served, { definition: after }: Served): readonly Finding[] {
  const [was, is] = [before.subscriptions, after.subscriptions];
  return [
    ...addedOf(is, was).map((one) =>
      finding("subscription-ended", subjectOf(one), "is not there any more: its keys are refused"),
    ),
    ...addedOf(was, is).map((one) =>
      finding("subscription-added", subjectOf(one), `is new, for ${scopeText(one.scope)}`),
    ),
    ...bothOf(was, is).flatMap(([old, fresh]) => changesOf(old, fresh)),
  ];
}

function changesOf(was: SubscriptionDeclaration, is: SubscriptionDeclaration): readonly Finding[] {
  const subject = subjectOf(is);
  const [from, to] = [scopeText(was.scope), scopeText(is.scope)];
  const later = (is.endsAt ?? Infinity) - (was.endsAt ?? Infinity);
  return [
    ...when(from !== to, "access-widened", subject, `is for ${to} instead of ${from}`),
    ...when(was.state !== is.state && is.state === "active", "access-widened", subject, "is active again"),
    ...when(
      was.state !== is.state && is.state !== "active",
      "subscription-ended",
      subject,
      "is suspended: its keys are refused",
    ),
    ...when(later > 0, "access-widened", subject, "ends later"),
    ...when(later < 0, "subscription-ended", subject, "ends earlier"),
  ];
}

function scopeText(scope: SubscriptionScope): string {
  if (scope.kind === "all") return "all APIs";
  return scope.kind === "api" ? `the API ${scope.api}` : `the product ${scope.product}`;
}

function subjectOf({ name }: SubscriptionDeclaration): string {
  return `subscription ${name}`;
}
