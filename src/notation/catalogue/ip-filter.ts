import type { Argument } from "#model/policy-tree.ts";
import { parseAddress, parseRange } from "./address.ts";
import { type ArgumentProblem, type CheckedArguments, everyScope, itemsOf, literalOf } from "./common.ts";
import type { PolicySpec } from "./spec.ts";

export const ipFilter: PolicySpec = {
  name: "ip-filter",
  summary: "Allows or forbids client addresses.",
  sections: ["inbound"],
  scopes: everyScope,
  forwardAuth: true,
  args: {
    action: {
      type: "enum",
      summary: "What to do with the addresses.",
      values: ["allow", "forbid"],
      required: true,
      expression: true,
    },
    address: {
      type: "list",
      summary: "Addresses and CIDR ranges.",
      items: {
        type: "string",
        summary: "An address, or a range such as 10.0.0.0/8.",
        expression: true,
      },
      xml: "address",
    },
    addressRange: {
      type: "list",
      summary: "Ranges with both ends included.",
      items: {
        type: "map",
        summary: "A range.",
        entries: {
          from: { type: "string", summary: "First address.", required: true, expression: true },
          to: { type: "string", summary: "Last address.", required: true, expression: true },
        },
      },
      xml: "address-range",
    },
  },
  check: checkAddresses,
  example: `ip-filter:
  action: allow
  address: [10.0.0.0/8, "2001:db8::1"]
  addressRange:
    - { from: 192.0.2.10, to: 192.0.2.20 }`,
};

function checkAddresses(args: CheckedArguments): ArgumentProblem | undefined {
  const single = itemsOf(args["address"]);
  const ranges = itemsOf(args["addressRange"]);
  if (single.length + ranges.length === 0) return { argument: "address", message: "needs at least one address" };
  const wrong = single.find((item) => item.kind === "literal" && parseRange(String(literalOf(item))) === undefined);
  if (wrong !== undefined)
    return { argument: "address", message: `${String(literalOf(wrong))} is not an IP address or range` };
  return ranges.some((item) => !isRange(item))
    ? { argument: "addressRange", message: "needs IP addresses of one family, from not above to" }
    : undefined;
}

function isRange(item: Argument): boolean {
  if (item.kind !== "map") return false;
  // What is filled in later is checked then.
  if (Object.values(item.entries).some(({ kind }) => kind !== "literal")) return true;
  const ends = [String(literalOf(item.entries["from"])), String(literalOf(item.entries["to"]))] as const;
  const [from, to] = [parseAddress(ends[0]), parseAddress(ends[1])];
  return from !== undefined && to !== undefined && from <= to && ends[0].includes(":") === ends[1].includes(":");
}
