import { type Refusal, refuse } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import { type AddressRange, parseAddress, parseRange } from "#notation/catalogue/address.ts";
import { argumentOf, listOf, literalText, literalTexts } from "#policy/arguments.ts";
import type { Run } from "#policy/context.ts";

/** Compares numerically, both ends included. An address that cannot be read is refused, whatever the action. */
export function link(node: PolicyNode): Run {
  const allows = literalText(node, "action") === "allow";
  const ranges = linkRanges(node);
  return (exchange) => {
    const { clientAddress } = exchange.facts;
    const address = parseAddress(clientAddress);
    if (address === undefined) {
      return refuse("address-not-allowed", { lastError: unknown, detail: "the caller's address is not known" });
    }
    if (ranges.some((range) => address >= range.from && address <= range.to) === allows) return undefined;
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

function linkRanges(node: PolicyNode): readonly AddressRange[] {
  const single = literalTexts(node, "address").map(parseRange);
  const pairs = listOf(argumentOf(node, "addressRange")).map(rangeOf);
  return [...single, ...pairs].map((range) => {
    if (range === undefined) throw new GatewayError("definition-invalid", 500, "ip-filter: an address cannot be read");
    return range;
  });
}

function rangeOf(item: Argument): AddressRange | undefined {
  if (item.kind !== "map") return undefined;
  const { from, to } = item.entries;
  const first = from?.kind === "literal" ? parseAddress(String(from.value)) : undefined;
  const last = to?.kind === "literal" ? parseAddress(String(to.value)) : undefined;
  return first === undefined || last === undefined ? undefined : { from: first, to: last };
}
