import { Buffer } from "node:buffer";
import { GatewayError } from "#model/errors.ts";
import type { Egress } from "#model/ports.ts";
import { decodeUtf8 } from "./base64url.ts";
import { parseStrictObject } from "./strict-json.ts";

const timeoutMs = 5000;
const maxBytes = 256 * 1024;

/**
 * Asks the issuer where its keys are.
 * @returns the `jwks_uri`
 * @throws GatewayError `idp-unreachable`, `idp-malformed`, and what {@link Egress} throws
 * @see OpenID Connect Discovery §4
 */
export async function discoverKeySetUrl(issuer: string, egress: Egress): Promise<string> {
  // §4.1: a terminating slash of the issuer is removed before the well-known path is added.
  const base = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
  const document = await fetchDocument(`${base}/.well-known/openid-configuration`, issuer, egress);
  // §4.3: exactly equal, or one issuer could hand out another's keys.
  if (document["issuer"] !== issuer) throw malformed("its discovery document names another issuer");
  return checkedUrl(document["jwks_uri"], issuer);
}

/**
 * Gets one JSON object from the provider. The issuer's own origin stands in the definition; any other destination
 * is the provider's choice, so `egress.allow` decides.
 * @param trusted the issuer stands in the definition
 * @throws GatewayError `idp-unreachable`, `idp-malformed`
 */
export async function fetchDocument(
  url: string,
  issuer: string,
  egress: Egress,
  trusted: boolean = true,
): Promise<Readonly<Record<string, unknown>>> {
  const declared = trusted && new URL(url).origin === new URL(issuer).origin;
  const headers = ["Accept", "application/json, application/jwk-set+json"];
  const response = await egress.fetch({ url, headers, timeoutMs, maxBytes, declared });
  if (response.status !== 200) {
    throw new GatewayError("idp-unreachable", 503, `the provider answered ${response.status}`, { source: "idp" });
  }
  if (response.body.byteLength > maxBytes) throw malformed("its answer is too large");
  const text = decodeUtf8(Buffer.from(response.body));
  const document = text === undefined ? undefined : parseStrictObject(text);
  if (document === undefined) throw malformed("its answer is not a JSON object with unique names");
  return document;
}

/** A provider on HTTPS cannot send us to clear text for its keys. */
export function checkedUrl(value: unknown, issuer: string): string {
  if (typeof value !== "string" || !URL.canParse(value)) throw malformed("its jwks_uri is not a URL");
  const { protocol, username, password } = new URL(value);
  const isSafe = protocol === "https:" || protocol === new URL(issuer).protocol;
  if (!isSafe || username !== "" || password !== "") throw malformed("its jwks_uri is not an https URL");
  return value;
}

function malformed(why: string): GatewayError {
  return new GatewayError("idp-malformed", 503, `the provider is malformed: ${why}`, { source: "idp" });
}
