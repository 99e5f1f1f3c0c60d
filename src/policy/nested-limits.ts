import type { Exchange } from "#model/exchange.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import { listOf } from "./arguments.ts";

/** A limit of its own for one API, or for one operation. */
export interface NestedLimit {
  /** What its counter is called by: `api|orders`. */
  readonly place: string;
  readonly calls: number | undefined;
  readonly bandwidth: number | undefined;
  readonly period: number;
  readonly isFor: (exchange: Exchange) => boolean;
}

/** Those of `apis`, in the order that they are written; broader ones first. */
export function linkNestedLimits(node: PolicyNode): readonly NestedLimit[] {
  const outer = numberOf(node.args["period"]);
  return listOf(node.args["apis"]).flatMap((item) => {
    const entries = entriesOf(item);
    const api = nameOf(entries);
    const period = numberOf(entries["period"]) ?? outer;
    const isApi = ({ api: found }: Exchange): boolean =>
      found !== null && (found.name === api.id || (api.id === undefined && isNamed(found, api.name)));
    const operations = listOf(entries["operations"]).map((operation) => {
      const inner = entriesOf(operation);
      const wanted = nameOf(inner);
      const isFor = (exchange: Exchange): boolean =>
        isApi(exchange) && exchange.route?.operation === (wanted.id ?? wanted.name);
      return limitOf(inner, `operation|${labelOf(api)}|${labelOf(wanted)}`, period, isFor);
    });
    return [limitOf(entries, `api|${labelOf(api)}`, outer, isApi), ...operations].filter(
      (limit) => limit !== undefined,
    );
  });
}

interface Name {
  readonly id: string | undefined;
  readonly name: string | undefined;
}

function isNamed(api: { readonly name: string; readonly displayName: string }, name: string | undefined): boolean {
  return api.name === name || api.displayName === name;
}

function limitOf(
  entries: Readonly<Record<string, Argument>>,
  place: string,
  outer: number | undefined,
  isFor: NestedLimit["isFor"],
): NestedLimit | undefined {
  const period = numberOf(entries["period"]) ?? outer;
  const [calls, bandwidth] = [numberOf(entries["calls"]), numberOf(entries["bandwidth"])];
  // An API may stand there for its operations' sake alone.
  if (period === undefined || (calls === undefined && bandwidth === undefined)) return undefined;
  return { place, calls, bandwidth, period, isFor };
}

function entriesOf(argument: Argument): Readonly<Record<string, Argument>> {
  return argument.kind === "map" ? argument.entries : {};
}

function nameOf({ id, name }: Readonly<Record<string, Argument>>): Name {
  return { id: textOf(id), name: textOf(name) };
}

function labelOf({ id, name }: Name): string {
  return id ?? name ?? "";
}

function textOf(argument: Argument | undefined): string | undefined {
  return argument?.kind === "literal" ? String(argument.value) : undefined;
}

function numberOf(argument: Argument | undefined): number | undefined {
  return argument?.kind === "literal" && typeof argument.value === "number" ? argument.value : undefined;
}
