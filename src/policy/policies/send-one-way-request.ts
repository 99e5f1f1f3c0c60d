import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import type { CallDraft } from "#policy/calls/call-draft.ts";
import { linkCall } from "#policy/calls/link-call.ts";
import { requestOf } from "#policy/calls/send-call.ts";
import type { LinkContext, PolicyPorts, Run } from "#policy/context.ts";
import { evaluateDuration } from "#policy/duration.ts";
import { describeError } from "#policy/failure.ts";

/** Of one worker at a time. Clients decide how many there are, and nobody waits for them. */
const maxUnderWay = 256;
/** The answer is read so that the connection can be used again, and goes nowhere. */
const maxAnswerBytes = 65_536;

let underWay = 0;

/**
 * The request goes on as soon as this one is made. What becomes of it is told in the log alone, as nobody waits for it;
 * one that cannot even begin is in the record too.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { ports } = context;
  const make = linkCall(node, context);
  const timeout = evaluateDuration(requiredValue(node, "timeout"), ports.clock, 1, 3_600_000);
  return async (exchange) => {
    const draft = await make(exchange);
    const timeoutMs = timeout(exchange);
    if (begin(draft, ports)) {
      void send(draft, timeoutMs, ports);
      return undefined;
    }
    const step = { door: "policy", step: "send-one-way-request" } as const;
    exchange.trail.push({ ...step, outcome: "failed", reason: "overloaded", micros: 0 });
    return undefined;
  };
}

/** @returns false when there is no room for one more */
function begin({ body }: CallDraft, { bodies }: PolicyPorts): boolean {
  if (underWay >= maxUnderWay || !bodies.take(body?.byteLength ?? 0)) return false;
  underWay += 1;
  return true;
}

async function send(draft: CallDraft, timeoutMs: number, { egress, bodies, log }: PolicyPorts): Promise<void> {
  try {
    await egress.fetch({ ...requestOf(draft), timeoutMs, maxBytes: maxAnswerBytes, keepAlive: true });
  } catch (error) {
    log.warn("send-one-way-request failed", { to: URL.parse(draft.url)?.origin ?? "", error: describeError(error) });
  } finally {
    underWay -= 1;
    bodies.giveBack(draft.body?.byteLength ?? 0);
  }
}
