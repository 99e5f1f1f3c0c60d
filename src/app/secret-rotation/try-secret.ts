import { X509Certificate } from "node:crypto";
import { GatewayError } from "#model/errors.ts";
import type { Egress } from "#model/ports.ts";
import { OwnCertificate, plainThumbprint } from "#model/own-certificate.ts";
import type { SecretTrial } from "#model/secret-rotation.ts";

const maxBytes = 65_536;

/** Asks the upstream with a new secret. @throws GatewayError `secret-rotation-failed`, or why there was no answer */
export async function trySecret(
  { place, ca, shown, ...trial }: SecretTrial,
  secret: string,
  egress: Egress,
): Promise<void> {
  const url = new URL(trial.url);
  const headers: string[] = [];
  if (place.kind === "query") url.searchParams.set(place.name, secret);
  else headers.push(place.name, `${place.prefix}${secret}`);
  const { status } = await egress.fetch({
    url: url.href,
    method: trial.method,
    headers,
    timeoutMs: trial.timeoutMs,
    maxBytes,
    cuts: true,
    ...(ca !== undefined && { ca }),
    ...(shown !== undefined && { certificate: ownCertificate(shown) }),
    declared: true,
  });
  if (trial.expect.includes(status)) return;
  const message = `${url.origin} answers ${status} to the new secret, where ${trial.expect.join(" or ")} is due`;
  throw new GatewayError("secret-rotation-failed", 502, message);
}

/** Connections that show one are told apart by what it is. */
function ownCertificate({ certificate, keyPem }: NonNullable<SecretTrial["shown"]>): OwnCertificate {
  const { fingerprint, fingerprint256 } = new X509Certificate(certificate);
  return new OwnCertificate(fingerprint256, certificate, plainThumbprint(fingerprint), keyPem);
}
