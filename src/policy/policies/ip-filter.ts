import { type Refusal, refuse } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import type { Argument, PolicyNode, Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { type AddressRange, parseAddress, parseRange } from "#notation/catalogue/address.ts";
import { argumentOf, listOf, requiredValue, valuesOf } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { type Evaluate, evaluateString, isValue } from "#policy/values.ts";

/** Compares numerically, both ends included. An address that cannot be read is refused, whatever the action. */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const allowing = linkAction(requiredValue(node, "action"), ports.clock);
  const ranges = linkRanges(node, ports.clock);
  return (exchange) => {
    const { clientAddress } = exchange.facts;
    const address = parseAddress(clientAddress);
    if (address === undefined) {
      return refuse("address-not-allowed", { lastError: unknown, detail: "the caller's address is not known" });
    }
    const allows = allowing(exchange);
    let inside = false;
    // All are looked at: one that cannot be computed is a failure, wherever it stands.
    for (const range of ranges) {
      const { from, to } = typeof range === "function" ? range(exchange) : range;
      inside ||= address >= from && address <= to;
    }
    if (inside === allows) return undefined;
    const lastError = allows ? notAllowed(clientAddress) : blocked;
    return refuse("address-not-allowed", { lastError, detail: clientAddress });
  };
}

const unknown = {
  name: "FailedToParseCallerIP",
  message: "Failed to establish IP address for the caller. Access denied.",
};
const blocked = { name: "CallerIpBlocked", message: "Caller IP address is blocked. Access denied." };

function notAllowed(address: string): NonNullable<Refusal["lastError"]> {
  return { message: `Caller IP address ${address} is not allowed. Access denied.` };
}

function linkAction(value: Value, clock: Clock): Evaluate<boolean> {
  const action = evaluateString(value, clock);
  return (exchange) => {
    const said = action(exchange).toLowerCase();
    if (said === "allow" || said === "forbid") return said === "allow";
    throw expressionFailed("ip-filter: action is allow or forbid");
  };
}

type LinkedRange = AddressRange | Evaluate<AddressRange>;

function linkRanges(node: PolicyNode, clock: Clock): readonly LinkedRange[] {
  const single = valuesOf(node, "address").map((value) => {
    if (value.kind === "literal") return known(parseRange(String(value.value)));
    const evaluate = evaluateString(value, clock);
    return (exchange: Parameters<typeof evaluate>[0]) => computed(parseRange(evaluate(exchange).trim()));
  });
  const pairs = listOf(argumentOf(node, "addressRange")).map((item) => linkPair(item, clock));
  return [...single, ...pairs];
}

function linkPair(item: Argument, clock: Clock): LinkedRange {
  const { from, to } = item.kind === "map" ? item.entries : {};
  if (!isValue(from) || !isValue(to)) return known(undefined);
  if (from.kind === "literal" && to.kind === "literal") {
    return known(rangeBetween(String(from.value), String(to.value)));
  }
  const [first, last] = [evaluateString(from, clock), evaluateString(to, clock)];
  return (exchange) => computed(rangeBetween(first(exchange).trim(), last(exchange).trim()));
}

function rangeBetween(first: string, last: string): AddressRange | undefined {
  const [from, to] = [parseAddress(first), parseAddress(last)];
  if (from === undefined || to === undefined || from > to || first.includes(":") !== last.includes(":")) {
    return undefined;
  }
  return { from, to };
}

function known(range: AddressRange | undefined): AddressRange {
  if (range !== undefined) return range;
  throw new GatewayError("definition-invalid", 500, "ip-filter: an address cannot be read");
}

function computed(range: AddressRange | undefined): AddressRange {
  if (range !== undefined) return range;
  throw expressionFailed("ip-filter: a computed address is none");
}
