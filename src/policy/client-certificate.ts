import type { OwnCertificate } from "#model/own-certificate.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue } from "./arguments.ts";
import type { PolicyPorts } from "./context.ts";
import { expressionFailed } from "./failure.ts";
import { type Evaluate, evaluateContent, evaluateString } from "./values.ts";

/** The certificate that the node names, with its key. Throws GatewayError `expression-failed` where there is none. */
export function linkClientCertificate(
  node: PolicyNode,
  { clock, ownCertificates }: PolicyPorts,
): Evaluate<OwnCertificate> {
  const body = optionalValue(node, "body");
  const password = optionalValue(node, "password");
  const id = optionalValue(node, "certificateId");
  if (body !== undefined) {
    const content = evaluateContent(body, clock);
    const opening = password === undefined ? () => "" : evaluateString(password, clock);
    return (exchange) => ownCertificates.read(content(exchange), opening(exchange));
  }
  const text = evaluateString(id ?? (optionalValue(node, "thumbprint") as NonNullable<typeof id>), clock);
  return (exchange) => {
    const name = text(exchange);
    const found = id === undefined ? ownCertificates.withThumbprint(name) : ownCertificates.get(name);
    if (found === undefined) throw expressionFailed(`${node.name}: the definition has no such certificate`);
    if (!found.hasKey) throw expressionFailed(`${node.name}: the certificate has no key`);
    return found;
  };
}
