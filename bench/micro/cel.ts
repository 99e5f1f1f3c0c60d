import { asUser, exchangeFor, expression, fixedClock } from "#policy/policy.test-helper.ts";
import { evaluateExpression } from "#policy/values.ts";
import type { Subject } from "./subject.ts";

const sources = [
  '"orders.read" in principal.scopes',
  'principal.kind == "user" && "staff" in principal.groups && request.method == "GET"',
  'request.path.startsWith("/orders/") || "x-trace" in request.headers',
  'request.query["a"] == "1"',
  '"a-" + request.host + request.path',
];

/** Of an exchange that was asked before, as rules after the first one find it. */
export const cel: readonly Subject[] = sources.map((source) => ({
  group: "cel",
  name: source,
  prepare: () => {
    const evaluate = evaluateExpression(expression(source), fixedClock);
    const exchange = asUser(exchangeFor(["Accept", "*/*"]), { scopes: ["orders.read"], groups: ["staff", "eng"] });
    return { run: () => void evaluate(exchange) };
  },
}));
