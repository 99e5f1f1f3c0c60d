import type { PolicyDocument, PolicyNode } from "#model/policy-tree.ts";
import { sections } from "#model/policy-tree.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { NamedValues } from "#notation/named-values.ts";
import { Problems } from "#notation/problems.ts";
import { readXmlFragment, readXmlPolicies } from "#notation/xml/policies.ts";
import type { XmlPolicyReading } from "#notation/xml/reading.ts";
import { scanXml } from "#notation/xml/scan.ts";
import { writeXmlFragment, writeXmlPolicies } from "#notation/xml/write.ts";
import { scopeOfPath } from "#interop/apim/policy-document.ts";

/**
 * A policy document in one spelling: white space, comments, the order of attributes and defaults that are written out
 * make no difference. Empty for one that says nothing. One that cannot be read is what is wrong with it, and its text.
 */
export function policyText(path: string, text: string): string {
  const problems = new Problems();
  const document = scanXml(path, text, problems);
  const reading: XmlPolicyReading = {
    problems,
    catalogue,
    values: new NamedValues(new Map()),
    checkCsharp: () => undefined,
    onArgument: () => undefined,
    fragments: null,
    open: true,
  };
  if (document !== null && document.root.name === "fragment") {
    const place = { section: null, scope: null, inside: null, only: null, seen: new Set<string>(), depth: 0 };
    const nodes = readXmlFragment(reading, document, place);
    return unreadable(problems, text) ?? writeXmlFragment(nodes, "rawxml").text;
  }
  const policies = document === null ? {} : readXmlPolicies(reading, document, null);
  const wrong = unreadable(problems, text);
  if (wrong !== undefined) return wrong;
  const isGlobal = scopeOfPath(path) === "global";
  const whole = Object.fromEntries(sections.map((section) => [section, policies[section] ?? missing(isGlobal)]));
  return saysNothing(whole, isGlobal) ? "" : writeXmlPolicies(whole, "rawxml").text;
}

function unreadable(problems: Problems, text: string): string | undefined {
  const wrong = problems.sorted().find(({ severity, code }) => severity === "error" && code !== "policy-unsupported");
  return wrong === undefined
    ? undefined
    : `cannot be read: ${wrong.at.line}:${wrong.at.column} ${wrong.message}\n${text}`;
}

function missing(isGlobal: boolean): readonly PolicyNode[] {
  return isGlobal ? [] : [{ name: "base", at: { file: "", line: 1, column: 1 }, args: {} }];
}

/** As it is where nobody has written anything: the broader scope's sections, and at last one that forwards. */
function saysNothing(document: PolicyDocument, isGlobal: boolean): boolean {
  return sections.every((section) => {
    const nodes = (document[section] ?? []).filter(({ name }) => !isGlobal || name !== "base");
    const [only, ...more] = nodes;
    if (more.length > 0) return false;
    if (!isGlobal) return only?.name === "base";
    if (section !== "backend") return only === undefined;
    return only?.name === "forward-request" && writeXmlFragment(nodes, "xml").text.includes("<forward-request />");
  });
}
