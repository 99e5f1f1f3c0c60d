import type { ArgumentSpec } from "#notation/catalogue/spec.ts";

/** Where an argument stands in an element. */
export interface XmlPlace {
  /** Elements around it, inside the policy's own. */
  readonly wrapper: string | null;
  readonly kind: "attribute" | "child" | "content" | "policies";
  /** Of the attribute or child. */
  readonly name: string;
}

/** By the catalogue's `xml`; null when the argument is not of API Management's XML. */
export function placeInXml(name: string, spec: ArgumentSpec): XmlPlace | null {
  if (spec.xml === null) return null;
  const path = spec.xml ?? (isScalar(spec) ? `@${kebab(name)}` : kebab(name));
  const slash = path.indexOf("/");
  const wrapper = slash < 0 ? null : path.slice(0, slash);
  const last = path.slice(slash + 1);
  if (last.startsWith("@")) return { wrapper, kind: "attribute", name: last.slice(1) };
  if (last === ".") return { wrapper, kind: "content", name: "" };
  return last === "*" ? { wrapper, kind: "policies", name: "" } : { wrapper, kind: "child", name: last };
}

/** `maxCount` → `max-count`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function isScalar({ type }: ArgumentSpec): boolean {
  return type !== "list" && type !== "map" && type !== "policies";
}

/** How people of API Management call it, for messages. */
export function shownInXml(name: string, spec: ArgumentSpec): string {
  const place = placeInXml(name, spec);
  if (place === null) return name;
  if (place.kind === "attribute") return `the attribute ${place.name}`;
  if (place.kind === "child") return `<${place.name.split("|", 1).join("")}>`;
  return place.kind === "policies" ? "the policies inside" : "the text between the tags";
}
