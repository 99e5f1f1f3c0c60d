import type { Product, RoleRule } from "#model/definition.ts";
import { type Finding, finding, when } from "./finding.ts";
import { addedOf, bothOf, newOf } from "./named.ts";
import type { Served } from "./served.ts";
import { wayChanges } from "./way-changes.ts";

/** Who is in a product, and what is in it. Whether one is needed at all is told of its operations. */
export function productChanges({ definition: before }: Served, { definition: after }: Served): readonly Finding[] {
  return [
    ...bothOf(before.products, after.products).flatMap(([was, is]) => changesOf(was, is, `product ${is.name}`)),
    ...addedOf(before.products, after.products).flatMap((product) => heldBefore(product, before.products)),
  ];
}

function changesOf(was: Product, is: Product, subject: string): readonly Finding[] {
  const widened = (what: string): Finding => finding("access-widened", subject, what);
  const narrowed = (what: string): Finding => finding("access-narrowed", subject, what);
  const turned = (before: boolean, now: boolean, more: string, less: string): readonly Finding[] => [
    ...when(!before && now, "access-widened", subject, more),
    ...when(before && !now, "access-narrowed", subject, less),
  ];
  return [
    ...newOf(was.apis, is.apis).map((api) => widened(`whoever is in it may call the API ${api}`)),
    ...newOf(is.apis, was.apis).map((api) => narrowed(`does not hold the API ${api} any more`)),
    ...wayChanges(was.subscription, is.subscription).map(([code, what]) => finding(code, subject, what)),
    ...members(was.members, is.members).map(([isMore, what]) => (isMore ? widened(what) : narrowed(what))),
    ...turned(
      !was.approvalRequired,
      !is.approvalRequired,
      "new subscriptions need no approval",
      "new subscriptions wait for approval",
    ),
    ...newOf(was.groups, is.groups).map((group) => widened(`members of ${group} may subscribe to it`)),
    ...newOf(is.groups, was.groups).map((group) => narrowed(`members of ${group} may not subscribe to it any more`)),
    ...turned(was.isPublished, is.isPublished, "users may subscribe to it", "users may not subscribe to it any more"),
  ];
}

/** Null: everybody who is known. */
function members(was: Product["members"], is: Product["members"]): readonly (readonly [boolean, string])[] {
  if (was === null) return is === null ? [] : [[false, "is for some identities alone"]];
  if (is === null) return [[true, "is for everybody who is known"]];
  const [old, fresh] = [was.map(ruleText), is.map(ruleText)];
  return [
    ...newOf(old, fresh).map((rule) => [true, `is for whoever ${rule} holds for`] as const),
    ...newOf(fresh, old).map((rule) => [false, `is not for whoever ${rule} holds for any more`] as const),
  ];
}

function ruleText(rule: RoleRule): string {
  return rule.kind === "group" ? `group ${rule.group}` : rule.condition.source;
}

/** A new product is another way to what is in products already. */
function heldBefore({ name, apis }: Product, before: readonly Product[]): readonly Finding[] {
  return apis
    .filter((api) => before.some((one) => one.apis.includes(api)))
    .map((api) => finding("access-widened", `product ${name}`, `is new, and whoever is in it may call the API ${api}`));
}
