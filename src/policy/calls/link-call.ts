import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { bytesOf } from "#policy/answer-changes.ts";
import { literalText, policiesOf, requiredValue } from "#policy/arguments.ts";
import { linkBasicCredentials } from "#policy/basic-credentials.ts";
import { linkClientCertificate } from "#policy/client-certificate.ts";
import type { LinkContext } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { gather } from "#policy/gather.ts";
import { changeHeader, linkHeaderChange } from "#policy/header-change.ts";
import { linkLiquid } from "#policy/liquid/link-liquid.ts";
import { checkedHost } from "#policy/checked-host.ts";
import { checkedMethod } from "#policy/checked-method.ts";
import { linkManagedToken } from "#policy/managed-token.ts";
import { linkProxy } from "#policy/proxy-destination.ts";
import { upstreamUrl } from "#policy/upstream-url.ts";
import { evaluateContent, evaluateString } from "#policy/values.ts";
import { type CallChange, type CallDraft, newCall } from "./call-draft.ts";
import { evaluateCallUrl } from "./call-url.ts";

/** Makes the request that a node describes. */
export type MakeCall = (exchange: Exchange) => Promise<CallDraft>;

const requestBody = { request: true, response: false };

export function linkCall(node: PolicyNode, context: LinkContext): MakeCall {
  const { clock, bodies, upstreamHeaders } = context.ports;
  const mode = evaluateString(requiredValue(node, "mode"), clock);
  const changes = policiesOf(node.args["policies"]).map((inner) => linkChange(inner, context));
  const hasBody = context.section === "inbound" || context.section === "backend";
  return async (exchange) => {
    const draft = newCall();
    const copies = isCopy(mode(exchange));
    if (copies) {
      if (hasBody) await gather(exchange, requestBody, bodies);
      copy(exchange, draft, hasBody);
      draft.headers = upstreamHeaders(exchange);
      // What the client could decode is not what an expression can read.
      for (const name of ofTheTransfer) draft.headers.delete(name);
    }
    for (const change of changes) {
      const done = change(draft, exchange);
      if (done !== undefined) await done;
    }
    if (draft.url === "" && !copies) throw new GatewayError("definition-invalid", 500, `${node.name} lacks set-url`);
    return draft;
  };
}

const ofTheTransfer = ["host", "content-length", "expect", "accept-encoding"];

function isCopy(mode: string): boolean {
  const text = mode.toLowerCase();
  if (text === "copy" || text === "new") return text === "copy";
  throw expressionFailed("send-request: mode is new or copy");
}

/** The URL is where the request would go by now. No permit is spent on it, so egress control decides, as of a computed one. */
function copy(exchange: Exchange, draft: CallDraft, hasBody: boolean): void {
  const { request } = exchange;
  draft.url = upstreamUrl(exchange);
  draft.method = request.method;
  if (hasBody) draft.body = request.body ?? null;
}

function linkChange(node: PolicyNode, context: LinkContext): CallChange {
  const { clock } = context.ports;
  switch (node.name) {
    case "set-url": {
      const url = evaluateCallUrl(requiredValue(node, "url"), clock);
      return (draft, exchange) => void Object.assign(draft, url(exchange));
    }
    case "set-method": {
      const method = evaluateString(requiredValue(node, "method"), clock);
      return (draft, exchange) => void (draft.method = checkedMethod(method(exchange)));
    }
    case "set-header":
      return linkHeader(node, context);
    case "set-body": {
      if (literalText(node, "template") === "liquid") {
        // The call has no body before it gets one, so the template sees none, and there is nothing to wait for.
        const liquid = linkLiquid(node, context.ports, null);
        return (draft, exchange) => void (draft.body = liquid(exchange) as Uint8Array);
      }
      const body = evaluateContent(requiredValue(node, "body"), clock);
      return (draft, exchange) => void (draft.body = bytesOf(body(exchange)));
    }
    case "authentication-basic": {
      const credentials = linkBasicCredentials(node, clock);
      return (draft, exchange) => draft.headers.set("Authorization", credentials(exchange));
    }
    case "authentication-certificate": {
      const certificate = linkClientCertificate(node, context.ports);
      return (draft, exchange) => void (draft.certificate = certificate(exchange));
    }
    case "authentication-managed-identity": {
      const use = linkManagedToken(node, context.ports);
      return (draft, exchange) => use(exchange, (field) => draft.headers.set("Authorization", field));
    }
    case "proxy": {
      const proxy = linkProxy(node, clock);
      return (draft, exchange) => void (draft.proxy = proxy(exchange));
    }
    default:
      throw new GatewayError("definition-invalid", 500, `${node.name} cannot stand in a request of a policy`);
  }
}

function linkHeader(node: PolicyNode, context: LinkContext): CallChange {
  const { name, action, values } = linkHeaderChange(node, context.ports.clock);
  return (draft, exchange) => {
    const field = name(exchange);
    if (field.toLowerCase() !== "host") return changeHeader(draft.headers, field, action(exchange), values, exchange);
    draft.host = checkedHost(action(exchange), values, exchange) ?? draft.host;
  };
}
