import { readOperations } from "#interop/apim/import/operations.ts";
import { respelled, servable } from "#interop/apim/import/written-operation.ts";
import { isRecord, parseJson } from "#interop/apim/import/information.ts";
import { propertiesOf } from "./properties.ts";
import { policyText } from "./policy-text.ts";

/** What a service is, thing by thing, each in one spelling: the same text means the same. */
export type Facts = ReadonlyMap<string, string>;

/** Files of which only their being there counts. */
const link = /^products\/[^/]+\/(?:apis|groups)\/[^/]+\/product(?:Api|Group)Information\.json$/;
const specification = /^(apis\/[^/]+)\/specification\.(yaml|yml|json|wadl|graphql|wsdl)$/;

/** Facts of an APIOps folder, by the path that each has there. What an export does not write has none. */
export function factsOf(texts: ReadonlyMap<string, string>): Facts {
  const facts = new Map<string, string>();
  for (const [path, text] of texts) {
    const fact = factOf(path, text);
    if (fact !== undefined) facts.set(fact.path, fact.text);
  }
  return facts;
}

function factOf(path: string, text: string): { readonly path: string; readonly text: string } | undefined {
  if (path.endsWith("policy.xml")) {
    const found = policyText(path, text);
    return found === "" ? undefined : { path, text: found };
  }
  if (link.test(path)) return { path, text: "is in it\n" };
  const [, folder, kind = ""] = specification.exec(path) ?? [];
  if (folder !== undefined) return { path: `${folder}/specification`, text: specificationText(path, kind, text) };
  const json = path.endsWith("Information.json") ? parseJson(text) : undefined;
  const properties = isRecord(json) ? json["properties"] : undefined;
  const known = isRecord(properties) ? propertiesOf(path, properties) : undefined;
  return known === undefined ? undefined : { path, text: `${JSON.stringify(inOrder(known), null, 2)}\n` };
}

/** A description counts by what can be called, however it is written. */
function specificationText(path: string, kind: string, text: string): string {
  if (kind === "graphql" || kind === "wsdl") return `${text.trim().replaceAll(/\s+/g, " ")}\n`;
  return operationsText(
    readOperations(path, text).operations.map((one) => `${one.method} ${respelled(servable(one.path))}`),
  );
}

/** One operation a line, in the order of their paths. */
export function operationsText(lines: readonly string[]): string {
  const sorted = lines.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  return sorted.map((line) => `${line}\n`).join("");
}

/** With the members of every map in one order. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isRecord(value)) return value;
  const names = Object.keys(value).toSorted();
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name])]));
}
