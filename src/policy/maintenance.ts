import { type Refusal, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Maintenance } from "#model/maintenance.ts";
import type { Clock } from "#model/ports.ts";
import { parseAddress, parseRange } from "#notation/catalogue/address.ts";
import { type Evaluate, evaluateExpression } from "./values.ts";

export interface LinkedMaintenance {
  /** As soon as the route is known: no provider needs to be up to say that nothing is. Leaves rules to {@link late}. */
  readonly early: (exchange: Exchange) => Refusal | undefined;
  /** When the caller is known. */
  readonly late: (exchange: Exchange) => Refusal | undefined;
}

export function linkMaintenance(settings: Maintenance, clock: Clock): LinkedMaintenance {
  const { allowWhen } = settings;
  const isAllowedAddress = linkAddresses(settings.allow);
  const refusal = refusalOf(settings);
  const byAddress = (exchange: Exchange): Refusal | undefined => (isAllowedAddress(exchange) ? undefined : refusal);
  if (allowWhen === null) return { early: byAddress, late: () => undefined };
  const rule = evaluateExpression(allowWhen, clock);
  return {
    early: () => undefined,
    late: (exchange) => (isAllowedAddress(exchange) || holds(rule, exchange) ? undefined : refusal),
  };
}

function linkAddresses(allow: readonly string[]): (exchange: Exchange) => boolean {
  const ranges = allow.map(parseRange).filter((range) => range !== undefined);
  return ({ facts }) => {
    const address = ranges.length === 0 ? undefined : parseAddress(facts.clientAddress);
    return address !== undefined && ranges.some(({ from, to }) => address >= from && address <= to);
  };
}

/** A rule that fails makes no exception. */
function holds(rule: Evaluate<unknown>, exchange: Exchange): boolean {
  try {
    return rule(exchange) === true;
  } catch {
    return false;
  }
}

function refusalOf({ retryAfterSeconds, page }: Maintenance): Refusal {
  return refuse("maintenance", {
    ...(retryAfterSeconds === null ? {} : { headers: ["Retry-After", String(retryAfterSeconds)] }),
    ...(page === null ? {} : { page }),
  });
}
