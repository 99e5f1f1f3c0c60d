import type { QueryRule } from "#model/query-rule.ts";
import type { RouteQuery } from "#model/snapshot.ts";
import { Bare, type Parameters } from "./route-parameters.ts";

/** `twofold`: what is asked for is there with another value beside it. */
export type Fit = "fits" | "other" | "twofold";

/** By route. */
export function queriesByRoute(queries: readonly RouteQuery[] | undefined): ReadonlyMap<number, RouteQuery> | null {
  return queries === undefined ? null : new Map(queries.map((query) => [query.route, query]));
}

/** Which of two values the upstream would take for meant cannot be told, so a text beside another one is neither. */
export function fitOf(rules: readonly QueryRule[], sent: URLSearchParams): Fit {
  let fit: Fit = "fits";
  for (const { key, text } of rules) {
    const values = sent.getAll(key);
    if (values.length === 0) return "other";
    if (text === null) continue;
    if (!values.includes(text)) return "other";
    if (values.some((value) => value !== text)) fit = "twofold";
  }
  return fit;
}

/** With the values of the query's parameters; one that is there several times has them with commas between. */
export function withQuery(parameters: Parameters, rules: readonly QueryRule[], sent: URLSearchParams): Parameters {
  const all = Object.assign(new Bare(), parameters);
  for (const { key, parameter } of rules) if (parameter !== null) all[parameter] = sent.getAll(key).join(",");
  return all;
}
