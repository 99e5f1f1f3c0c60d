import type { PolicyNode } from "#model/policy-tree.ts";
import { linkClientCertificate } from "#policy/client-certificate.ts";
import type { LinkContext, Run } from "#policy/context.ts";

/** Of the connection to the backend; a call of a policy has its own. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const certificate = linkClientCertificate(node, context.ports);
  return (exchange) => {
    exchange.request.certificate = certificate(exchange);
    return undefined;
  };
}
