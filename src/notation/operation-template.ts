import type { QueryRule } from "#model/query-rule.ts";
import { parseTemplate, type PathTemplate, type TemplateProblem } from "./path-template.ts";

/** Where an operation is: a path, and what the query of a request must have. */
export interface OperationTemplate extends PathTemplate {
  readonly query: readonly QueryRule[];
}

const maxRules = 32;
const parameter = /^\{([A-Za-z_$][A-Za-z0-9_.$-]{0,63})\}$/;
const names = /\{\*?([^{}]+)\}/g;

/** Checks `/items?kind={kind}&v=2`: a parameter of the query has to be there, and what is text has to be that text. */
export function parseOperationTemplate(text: string): OperationTemplate | TemplateProblem {
  const mark = text.indexOf("?");
  const path = parseTemplate(mark < 0 ? text : text.slice(0, mark));
  if ("problem" in path || mark < 0) return "problem" in path ? path : { ...path, query: [] };
  const taken = new Set([...path.template.matchAll(names)].map(([, name]) => name as string));
  const query = parseQuery(text.slice(mark + 1), taken);
  if (!Array.isArray(query))
    return { ...(query as TemplateProblem), problem: `${text}: ${(query as TemplateProblem).problem}` };
  return { ...path, shape: path.shape + queryShape(query), query };
}

/** Two operations of one path and these match the same requests. */
export function queryShape(rules: readonly QueryRule[]): string {
  if (rules.length === 0) return "";
  return `?${rules
    .map(({ key, text }) => JSON.stringify([key, text]))
    .toSorted()
    .join("&")}`;
}

/** As it is written behind a path. */
export function queryText(rules: readonly QueryRule[] = []): string {
  if (rules.length === 0) return "";
  const pairs = rules.map(({ key, parameter: name, text }) =>
    [encodeURIComponent(key), name === null ? encodeURIComponent(text ?? "") : `{${name}}`].join("="),
  );
  return `?${pairs.join("&")}`;
}

function parseQuery(text: string, taken: Set<string>): QueryRule[] | TemplateProblem {
  const rules: QueryRule[] = [];
  if (text.length > 2048 || text.includes("#")) return { problem: "its query is none" };
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const key = decode(equals < 0 ? pair : pair.slice(0, equals));
    const rule = ruleOf(key, equals < 0 ? "" : pair.slice(equals + 1));
    if ("problem" in rule) return rule;
    if (rules.some((other) => other.key === key)) return { problem: `the query has ${key} twice` };
    if (rule.parameter !== null && taken.has(rule.parameter)) {
      return { problem: `the parameter ${rule.parameter} stands twice` };
    }
    if (rule.parameter !== null) taken.add(rule.parameter);
    if (rules.push(rule) > maxRules) return { problem: `its query has more than ${maxRules} parameters` };
  }
  return rules;
}

function ruleOf(key: string, value: string): QueryRule | TemplateProblem {
  const [, name] = parameter.exec(value) ?? [];
  if (key !== "" && name !== undefined) return { key, parameter: name, text: null };
  if (key !== "" && !/[{}]/.test(key + value)) return { key, parameter: null, text: decode(value) };
  return { problem: "a parameter of the query is name={name} or name=text", fix: "write ?kind={kind}" };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
