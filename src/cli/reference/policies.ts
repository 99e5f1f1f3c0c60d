import type { ArgumentSpec, PolicySpec } from "#notation/catalogue/spec.ts";

/** docs/reference/policies.md: every policy of the catalogue, what it takes, where it may stand, an example. */
export function policyReference(specs: readonly PolicySpec[]): string {
  const contents = specs.map(({ name, summary }) => `- [${name}](#${name}): ${summary}`);
  return [
    "# Policies",
    "",
    "Generated from the catalogue (`npm run schema`). Names and semantics are API Management's. A value that may be an expression takes `${…}` with [CEL](https://cel.dev) inside; a condition is CEL as it stands.",
    "",
    ...contents,
    "",
    ...specs.flatMap(policySection),
  ].join("\n");
}

function policySection(spec: PolicySpec): readonly string[] {
  const { name, summary, sections, scopes, once, args, example } = spec;
  const where = `Sections: ${sections.join(", ")}. Scopes: ${written(scopes).join(", ")}.${once === true ? " Once in a section." : ""}`;
  const rows = Object.entries(args)
    .filter(([, { pending }]) => pending !== true)
    .flatMap(([argument, details]) => argumentRows(argument, details));
  const table = rows.length === 0 ? [] : ["| argument | takes | default | |", "| --- | --- | --- | --- |", ...rows, ""];
  return [`## ${name}`, "", summary, "", where, "", ...table, "```yaml policy", example, "```", ""];
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
  return `| \`${path}\` | ${typeOf(spec)}${expression} | ${fallback} | ${spec.summary} |`;
}

function typeOf(spec: ArgumentSpec): string {
  if (spec.type === "enum") return (spec.values ?? []).map((value) => `\`${value}\``).join(" or ");
  if (spec.type === "list") return `list of ${spec.items === undefined ? "values" : typeOf(spec.items)}`;
  return spec.type;
}
