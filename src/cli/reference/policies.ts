import { isWaiting } from "#notation/catalogue/is-waiting.ts";
import type { ArgumentSpec, PolicySpec } from "#notation/catalogue/spec.ts";
import { placeInXml } from "#notation/xml/place-in-xml.ts";

/**
 * docs/reference/policies.md: every policy that has an engine, what it takes in either notation, where it may stand, an
 * example; and the names of those that only are known.
 */
export function policyReference(catalogue: ReadonlyMap<string, PolicySpec>): string {
  const specs = [...catalogue.values()].filter((spec) => !isWaiting(spec));
  const waiting = [...catalogue.values()].filter(isWaiting).map(({ name }) => name);
  const contents = specs.map(({ name, summary }) => `- [${name}](#${name}): ${summary}`);
  return [
    "# Policies",
    "",
    "Generated from the catalogue (`npm run schema`). Names and semantics are API Management's. A value that may be an expression takes `${…}` with [CEL](https://cel.dev) inside; a condition is CEL as it stands. The column XML says where an argument stands in [API Management's own notation](../howto/policies-from-api-management.md): `@name` is an attribute, `<name>` a child element, `text` what stands between the tags.",
    "",
    ...contents,
    "",
    ...waitingSection(waiting),
    ...specs.flatMap(policySection),
  ].join("\n");
}

function policySection(spec: PolicySpec): readonly string[] {
  const { name, summary, sections, scopes, once, args, example } = spec;
  const where = `Sections: ${sections.join(", ")}. Scopes: ${written(scopes).join(", ")}.${once === true ? " Once in a section." : ""}`;
  const rows = Object.entries(args)
    .filter(([, { pending }]) => pending !== true)
    .flatMap(([argument, details]) =>
      argumentRows(argument, spec.native === true ? { ...details, xml: null } : details),
    );
  const head = ["| argument | XML | takes | default | |", "| --- | --- | --- | --- | --- |"];
  const table = rows.length === 0 ? [] : [...head, ...rows, ""];
  const notation = spec.native === true ? ["Not in XML: API Management does not have it.", ""] : [];
  return [`## ${name}`, "", summary, "", where, "", ...notation, ...table, "```yaml policy", example, "```", ""];
}

function waitingSection(names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const meaning =
    "Read and checked, without an engine so far: a definition that uses one does not load (`policy-unsupported`).";
  return [meaning, "", ...names.map((name) => `- ${name}`), ""];
}

/** A definition has no workspaces yet. */
function written(scopes: PolicySpec["scopes"]): readonly string[] {
  return scopes.filter((scope) => scope !== "workspace");
}

function argumentRows(path: string, spec: ArgumentSpec): readonly string[] {
  const inner = Object.entries({ ...spec.items?.entries, ...spec.entries });
  const prefix = spec.items?.entries === undefined ? path : `${path}[]`;
  return [argumentRow(path, spec), ...inner.flatMap(([name, details]) => argumentRows(`${prefix}.${name}`, details))];
}

function argumentRow(path: string, spec: ArgumentSpec): string {
  const fallback = spec.required === true ? "required" : spec.default === undefined ? "" : `\`${spec.default}\``;
  const expression = spec.expression === true ? ", `${…}`" : "";
  const name = path.slice(path.lastIndexOf(".") + 1);
  return `| \`${path}\` | ${xmlOf(name, spec)} | ${typeOf(spec)}${expression} | ${fallback} | ${spec.summary} |`;
}

function xmlOf(name: string, spec: ArgumentSpec): string {
  const place = placeInXml(name, spec);
  if (place === null) return "";
  const around = place.wrapper === null ? "" : `\`<${place.wrapper}>\` `;
  if (place.kind === "attribute") return `${around}\`@${place.name}\``;
  if (place.kind === "content") return "text";
  if (place.kind === "policies") return "policies inside";
  return `${around}${place.name
    .split("|")
    .map((one) => `\`<${one}>\``)
    .join(" or ")}`;
}

function typeOf(spec: ArgumentSpec): string {
  if (spec.type === "enum") return (spec.values ?? []).map((value) => `\`${value}\``).join(" or ");
  if (spec.type === "list") return `list of ${spec.items === undefined ? "values" : typeOf(spec.items)}`;
  return spec.type;
}
