import { Buffer } from "node:buffer";
import { isSigned } from "#lib/standard-webhooks.ts";
import { type Webhook, webhookPrincipalId } from "#model/announcements.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { json } from "#site/page.ts";
import type { SitePorts } from "#site/ports.ts";
import { problem } from "#site/problem.ts";

/** Longer than a signature is taken for. */
const rememberedMs = 11 * 60_000;

interface WebhookAnswer {
  readonly request: string;
  readonly decision: "approve" | "reject";
  readonly comment: string;
}

/**
 * `/access/webhook`: a system answers, by a message that it signs (Standard Webhooks). Its word is its own: it decides
 * where the approvers of an approval name `urn:sallyport:webhooks||<name>`, and each message once.
 */
export async function webhookAnswer(request: SiteRequest, ports: SitePorts): Promise<SiteResponse> {
  const { access, clock } = ports;
  const {
    "webhook-id": id = "",
    "webhook-timestamp": timestamp = "",
    "webhook-signature": signature = "",
  } = request.headers;
  const fields = { id, timestamp, signature };
  const webhook = access
    .webhooks()
    .find(({ answers, secret }) => answers && isSigned(secret.reveal(), fields, request.body, clock.now()));
  if (webhook === undefined) return problem(request, "signature-not-valid");
  const principal = principalOf(webhook);
  const answer = read(request.body);
  if (answer === null) {
    const detail = 'the body is not {"request": "…", "decision": "approve" or "reject"}, with "comment" if need be';
    return { ...problem(request, "malformed-request", { detail }), principal };
  }
  if (!(await access.once.use(`webhook ${webhook.name} ${id}`, clock.now() + rememberedMs))) {
    return { ...problem(request, "access-request-conflict", { detail: "this message was taken before" }), principal };
  }
  const caller = { principal, isViewer: false, isOperator: false };
  const outcome = await access.requests()[answer.decision](caller, answer.request, answer.comment);
  if (outcome.kind === "refused") {
    return { ...problem(request, outcome.reason, { detail: outcome.message }), principal };
  }
  const { state } = outcome.value;
  const detail = `request ${answer.request}: ${answer.decision} by webhook ${webhook.name}, now ${state}`;
  return { ...json(200, { id: answer.request, state }), principal, detail };
}

function principalOf({ name }: Webhook): Principal {
  const id = webhookPrincipalId(name);
  const issuer = "urn:sallyport:webhooks";
  return { ...anonymous, id, kind: "service", issuer, subject: name, authMethod: "webhook-signature" };
}

function read(body: Uint8Array): WebhookAnswer | null {
  try {
    const value = JSON.parse(Buffer.from(body).toString("utf8")) as Readonly<Record<string, unknown>>;
    const { request, decision, comment = "" } = value;
    const isSound = typeof request === "string" && typeof comment === "string";
    return isSound && (decision === "approve" || decision === "reject") ? { request, decision, comment } : null;
  } catch {
    return null;
  }
}
