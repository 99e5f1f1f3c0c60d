import { X509Certificate } from "node:crypto";
import type { Backend } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Egress } from "#model/ports.ts";
import { OwnCertificate, plainThumbprint } from "#model/own-certificate.ts";
import type { SecretTrial } from "#model/secret-rotation.ts";

/** Of a backend: what its upstream's certificate may come from, and what is shown to it. */
export type Reached = Pick<Backend, "ca" | "tls">;

const plain: Reached = { ca: null, tls: null };
const maxBytes = 65_536;

/**
 * Asks the upstream with a new secret.
 * @param reached as the backend is that the trial names, if it names one
 * @throws GatewayError `secret-rotation-failed`, or why there was no answer
 */
export async function trySecret(
  { place, ...trial }: SecretTrial,
  secret: string,
  egress: Egress,
  { ca, tls }: Reached | undefined = plain,
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
    ...(ca !== null && { ca }),
    ...certificateOf(tls),
    declared: true,
  });
  if (trial.expect.includes(status)) return;
  const message = `${url.origin} answers ${status} to the new secret, where ${trial.expect.join(" or ")} is due`;
  throw new GatewayError("secret-rotation-failed", 502, message);
}

/** Connections that show one are told apart by what it is. */
function certificateOf(tls: Backend["tls"]): { readonly certificate?: OwnCertificate } {
  const { certificate = null, keyPem = null } = tls ?? {};
  if (certificate === null) return {};
  const { fingerprint, fingerprint256 } = new X509Certificate(certificate);
  return { certificate: new OwnCertificate(fingerprint256, certificate, plainThumbprint(fingerprint), keyPem) };
}
