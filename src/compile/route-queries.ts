import type { QueryRule } from "#model/query-rule.ts";
import type { RouteQuery } from "#model/snapshot.ts";
import { invalid } from "./invalid.ts";
import { parseTemplate, type TemplateSegment } from "./template.ts";

/** Operations of one API. */
interface Asked {
  readonly method: string;
  readonly template: string;
  readonly query?: readonly QueryRule[];
}

/** Which routes of one API stand at the same place with different queries. */
export interface RouteQueries {
  readonly list: readonly RouteQuery[];
  /** The first one of the routes at its place. */
  readonly first: ReadonlyMap<number, number>;
}

/** @throws GatewayError `definition-invalid` where two match the same requests */
export function routeQueries(operations: readonly Asked[], firstRoute: number): RouteQueries {
  const first = new Map<number, number>();
  const list: RouteQuery[] = [];
  if (operations.every(({ query }) => query === undefined)) return { list, first };
  for (const group of groupsOf(operations)) {
    const sorted = group.toSorted((a, b) => compare(operations[a]?.query ?? [], operations[b]?.query ?? []));
    for (const [at, index] of sorted.entries()) {
      const { query = [], method, template } = operations[index] as Asked;
      const after = sorted[at + 1];
      if (after !== undefined && compare(query, operations[after]?.query ?? []) === 0) {
        throw invalid(`${method} ${template} is there twice with the same query`);
      }
      first.set(firstRoute + index, firstRoute + (sorted[0] as number));
      if (query.length === 0) continue;
      list.push({ route: firstRoute + index, rules: query, next: after === undefined ? -1 : firstRoute + after });
    }
  }
  return { list, first };
}

/** Indexes of those with the same path and method. */
function groupsOf(operations: readonly Asked[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const [index, { method, template }] of operations.entries()) {
    const key = `${method} ${parseTemplate(template).map(shapeOf).join("/")}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  }
  return [...groups.values()];
}

function shapeOf(segment: TemplateSegment): string {
  if (segment.kind === "literal") return segment.text;
  if (segment.kind === "pattern") return segment.texts.join("{}");
  return segment.kind === "rest" ? "{*}" : "{}";
}

/** Most rules first, then most text, then by what they are, so that the order of the definition is nothing. */
function compare(a: readonly QueryRule[], b: readonly QueryRule[]): number {
  const [left, right] = [spelled(a), spelled(b)];
  return b.length - a.length || texts(b) - texts(a) || (left < right ? -1 : Number(left > right));
}

function texts(rules: readonly QueryRule[]): number {
  return rules.filter(({ text }) => text !== null).length;
}

function spelled(rules: readonly QueryRule[]): string {
  return JSON.stringify(rules.map(({ key, text }) => [key, text]).toSorted());
}
