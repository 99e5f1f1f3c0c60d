import { type Outcome, refuse, type StepResult } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange, HttpVersion } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateDuration } from "#policy/duration.ts";
import { followRedirect } from "#policy/follow-redirect.ts";
import { gather } from "#policy/gather.ts";
import { sendElsewhere } from "#policy/send-elsewhere.ts";
import { type Evaluate, evaluateBoolean, evaluateInteger } from "#policy/values.ts";

const longest = 3_600_000;
/** Nobody sends a client through more places on purpose. */
const maxRedirects = 10;
const requestBody = { request: true, response: false };

/** Sends through the port that holds the permit: a policy has no other way to the backend, at each attempt. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { forward, clock, bodies } = context.ports;
  if (forward === undefined) throw new GatewayError("definition-invalid", 500, "forward-request cannot forward here");
  const timeout = linkTimeout(node, clock);
  const continueTimeout = duration(node, "continueTimeout", clock, 0);
  const follows = evaluateBoolean(requiredValue(node, "followRedirects"), clock);
  const fails = isSet(node, "failOnErrorStatusCode");
  const version = versionOf(node);
  const buffers = isSet(node, "bufferRequestBody");

  const attempt = (exchange: Exchange): StepResult => forward(exchange, timeout?.(exchange));
  const send = (exchange: Exchange): StepResult => {
    exchange.request.httpVersion = version;
    if (continueTimeout !== undefined) exchange.request.continueMs = continueTimeout(exchange);
    const { retarget } = exchange.request;
    const sent = retarget === null ? attempt(exchange) : sendElsewhere(attempt, exchange, retarget);
    if (!fails && !follows(exchange)) return sent;
    return finish(sent, exchange);
  };
  const finish = async (sent: StepResult, exchange: Exchange): Promise<Outcome> => {
    let outcome = await sent;
    for (let times = 0; outcome === undefined && times < maxRedirects; times += 1) {
      if (!follows(exchange) || !followRedirect(exchange)) break;
      outcome = await forward(exchange, undefined);
    }
    return outcome ?? (fails ? failedStatus(exchange) : undefined);
  };
  if (!buffers) return send;
  return (exchange) => {
    const gathering = gather(exchange, requestBody, bodies);
    return gathering === undefined ? send(exchange) : gathering.then(() => send(exchange));
  };
}

function linkTimeout(node: PolicyNode, clock: Clock): Evaluate<number> | undefined {
  const value = optionalValue(node, "timeoutMs");
  return value === undefined ? duration(node, "timeout", clock, 1) : evaluateInteger(value, clock, 1, longest);
}

function duration(node: PolicyNode, name: string, clock: Clock, min: number): Evaluate<number> | undefined {
  const value = optionalValue(node, name);
  return value === undefined ? undefined : evaluateDuration(value, clock, min, longest);
}

function versionOf(node: PolicyNode): HttpVersion | null {
  const value = optionalValue(node, "httpVersion");
  return value?.kind === "literal" ? (value.value as HttpVersion) : null;
}

function isSet(node: PolicyNode, name: string): boolean {
  const value = optionalValue(node, name);
  return value?.kind === "literal" && value.value === true;
}

/** The client is told the status, and nothing of what the upstream says about it. */
function failedStatus({ response }: Exchange): Outcome {
  if (response === null || response.status < 400) return undefined;
  return refuse("upstream-status", { status: response.status, detail: `the upstream answered ${response.status}` });
}
