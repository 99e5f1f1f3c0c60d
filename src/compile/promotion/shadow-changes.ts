import type { Api } from "#model/definition.ts";
import type { ShadowSettings } from "#model/shadow.ts";
import { type Finding, finding } from "./finding.ts";

/**
 * An old gateway that is asked as well sees what clients ask; with their credentials it could ask in their name. An API
 * says so, or one of its operations.
 */
export function shadowChanges(was: Api, is: Api, subject: string): readonly Finding[] {
  const before = new Set(shadowsOf(was).map(textOf));
  const shown = new Set(shadowsOf(was).flatMap((one) => (isShown(one) ? [one.to] : [])));
  const added = shadowsOf(is).filter((one) => !before.has(textOf(one)) && (isShown(one) || !shown.has(one.to)));
  return [...new Set(added.map(textOf))].map((text) => finding("egress-widened", subject, text));
}

function shadowsOf({ shadow, operations }: Api): readonly ShadowSettings[] {
  return [shadow, ...operations.map((operation) => operation.shadow)].filter(
    (one) => one !== undefined && one !== null,
  );
}

function isShown({ withheldFields }: ShadowSettings): boolean {
  return withheldFields.length === 0;
}

function textOf(shadow: ShadowSettings): string {
  return `${shadow.to} is asked as well${isShown(shadow) ? ", with the callers' own credentials" : ""}`;
}
