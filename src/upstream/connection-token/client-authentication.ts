import { createHash, createPrivateKey, randomUUID, X509Certificate } from "node:crypto";
import { jwsAlgorithmOf, jwsHeader, signJws } from "#lib/sign-jws.ts";
import type { Connection, ConnectionClient } from "#model/connection.ts";
import { OwnCertificate } from "#model/own-certificate.ts";
import type { Clock } from "#model/ports.ts";

/** What a token request says of who asks: members of the form, fields, and what TLS shows. */
export interface ClientProof {
  readonly form: Readonly<Record<string, string>>;
  readonly headers: readonly string[];
  readonly certificate?: OwnCertificate;
}

/** Long enough for clocks that differ a little. It is used once. */
const assertionMs = 60_000;
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Made anew for each request: an assertion is good for one. */
export function proveClient({ clientId, client, tokenUrl }: Connection, clock: Pick<Clock, "now">): ClientProof {
  switch (client.kind) {
    case "secret":
      return client.in === "body"
        ? { form: { client_id: clientId, client_secret: client.secret.reveal() }, headers: [] }
        : { form: {}, headers: ["Authorization", basic(clientId, client.secret.reveal())] };
    case "assertion":
      return {
        form: {
          client_id: clientId,
          client_assertion_type: assertionType,
          client_assertion: clientAssertion(clientId, tokenUrl, client, clock.now()),
        },
        headers: [],
      };
    case "certificate":
      return { form: { client_id: clientId }, headers: [], certificate: ownCertificate(client) };
  }
}

/** Both are form-encoded before they are joined. @see RFC 6749 §2.3.1 */
function basic(clientId: string, secret: string): string {
  const [id, password] = [clientId, secret].map((text) => new URLSearchParams({ x: text }).toString().slice(2));
  return `Basic ${Buffer.from(`${id}:${password}`).toString("base64")}`;
}

/**
 * `private_key_jwt`. Entra ID knows the key by the digest of its certificate.
 * @see RFC 7523 §3, OpenID Connect Core §9, RFC 7515 §4.1.8
 */
function clientAssertion(
  clientId: string,
  audience: string,
  { key, keyId, chainPem }: Extract<ConnectionClient, { kind: "assertion" }>,
  now: number,
): string {
  const privateKey = createPrivateKey(key.reveal());
  const alg = jwsAlgorithmOf(privateKey);
  // Checked where the definition is read.
  if (alg === undefined) throw new TypeError("a key that cannot sign");
  const header = jwsHeader({
    alg,
    typ: "JWT",
    ...(keyId === null ? {} : { kid: keyId }),
    ...(chainPem === null ? {} : { "x5t#S256": thumbprintOf(chainPem) }),
  });
  const issuedAt = Math.floor(now / 1000);
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    jti: randomUUID(),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + assertionMs / 1000,
  };
  return signJws(header, JSON.stringify(claims), alg, privateKey);
}

function thumbprintOf(chainPem: string): string {
  return createHash("sha256").update(new X509Certificate(chainPem).raw).digest("base64url");
}

function ownCertificate({ chainPem, key }: Extract<ConnectionClient, { kind: "certificate" }>): OwnCertificate {
  const { fingerprint } = new X509Certificate(chainPem);
  const id = createHash("sha256").update(chainPem).digest("base64url");
  return new OwnCertificate(id, chainPem, fingerprint.replaceAll(":", ""), key.reveal());
}
