import { type Outcome, type Refusal, refuse } from "#model/decision.ts";
import type { ErrorFormat } from "#model/definition.ts";
import { type Exchange, type LastError, ResponseDraft } from "#model/exchange.ts";
import { type ReasonCode, reasons } from "#model/reasons.ts";
import { runSection } from "#policy/runner.ts";
import { chainOf } from "./chain-of.ts";
import type { Flow } from "./flow.ts";
import type { LinkedChain } from "#policy/link.ts";
import type { LinkedSnapshot } from "./linked.ts";
import { renderRefusal } from "./problem.ts";

/**
 * The on-error section. The error's response is there before it runs, so that its policies can change it; one that
 * answers replaces it. Where one fails, the client gets a plain 500: what the others had changed by then may look like
 * a success. Never throws.
 */
export function runOnError({ exchange, linked }: Flow, refusal: Refusal): void | Promise<void> {
  const chain = isUnrouted(exchange, refusal) ? unrouted(exchange, linked) : chainOf(exchange, linked);
  const steps = chain?.onError ?? [];
  // An answer that is to go to the client whole is no error of ours to dress up.
  if (steps.length === 0 || (refusal.answer !== undefined && refusal.answerIsError !== true)) return undefined;
  exchange.lastError ??= lastErrorOf(exchange, refusal);
  const outcome = runSection(steps, exchange);
  if (outcome instanceof Promise) return outcome.then((late) => replace(exchange, late, linked.snapshot.errors));
  replace(exchange, outcome, linked.snapshot.errors);
  return undefined;
}

function isUnrouted({ route }: Exchange, { reason }: Refusal): boolean {
  return route === null && (reason === "route-not-found" || reason === "method-not-allowed");
}

/** Policies read where they run, which the route tells otherwise. */
function unrouted(exchange: Exchange, { snapshot, chains, ownCertificates }: LinkedSnapshot): LinkedChain | undefined {
  if (snapshot.unroutedChain < 0) return undefined;
  exchange.deployment = snapshot.deployment;
  exchange.ownCertificates = ownCertificates;
  return chains[snapshot.unroutedChain];
}

function replace(exchange: Exchange, outcome: Outcome, errors: ErrorFormat | undefined): void {
  if (outcome === undefined) return;
  if (outcome.kind === "refusal") {
    exchange.response = renderRefusal(exchange, refuse("policy-failed"), errors);
    return;
  }
  exchange.response = new ResponseDraft(
    outcome.status,
    outcome.statusText ?? "",
    outcome.headers,
    outcome.body,
    "policy",
  );
}

/** Errors of the built-in steps: `context.LastError` of API Management. */
function lastErrorOf(exchange: Exchange, refusal: Refusal): LastError {
  const { trail } = exchange;
  const { reason, message } = refusal;
  if (isUnrouted(exchange, refusal)) return notFound(reason);
  const step = trail.at(-1)?.step ?? "";
  // Where the backend section is left to the gateway, this is the policy that stands there unwritten.
  const forwards = step === "forward";
  return {
    source: forwards ? "forward-request" : reason.startsWith("key-") ? "authorization" : step,
    reason,
    message: message ?? reasons[reason].message,
    scope: "",
    section: forwards ? "backend" : "",
    path: "",
    policyId: "",
  };
}

function notFound(reason: ReasonCode): LastError {
  const message = "Unable to match incoming request to an operation.";
  return { source: "configuration", reason, message, scope: "", section: "", path: "", policyId: "" };
}
