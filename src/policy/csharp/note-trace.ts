import type { Exchange } from "#model/exchange.ts";
import { withoutCredentials } from "#policy/without-credentials.ts";

/** Of one request: an expression may say something in each turn of a loop. */
const maxMessages = 64;
/** UTF-16 units of one. */
const maxLength = 1024;
/** No credential of a request is longer, so none is cut in two and no longer known for one. */
const maxCredential = 64 * 1024;

/** What `context.Trace` says goes to where the policy `trace` of severity verbose goes: into the request's record. */
export function noteTrace(message: string, exchange: Exchange): void {
  const said = exchange.trail.reduce((count, { step }) => count + (step === "trace" ? 1 : 0), 0);
  if (said >= maxMessages) return;
  const text = withoutCredentials(message.slice(0, maxLength + maxCredential), exchange).slice(0, maxLength);
  const detail = `verbose context.Trace: ${text}`;
  exchange.trail.push({ door: "policy", step: "trace", outcome: "passed", detail, micros: 0 });
}
