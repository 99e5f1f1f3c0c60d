import { Buffer } from "node:buffer";
import { GatewayError } from "#model/errors.ts";
import type { Egress } from "#model/ports.ts";
import { decodeUtf8 } from "./base64url.ts";
import { parseStrictObject } from "./strict-json.ts";

const timeoutMs = 5000;
const maxBytes = 256 * 1024;

/** Whose documents are fetched, and what is trusted to hold them. */
export interface MetadataSource {
  /** What the document must call itself. */
  readonly issuer: string;
  /** Under which the document is. */
  readonly base: string;
  /** Origins that may be asked as the definition's own, besides that of `base`. */
  readonly keyOrigins: readonly string[];
  /** PEM of further certificate authorities. */
  readonly ca?: string;
  /** The issuer stands in the definition. */
  readonly trusted: boolean;
  /** Shown at the origin of `base`, and at no other. */
  readonly token?: string;
}

/** Asks the issuer where its keys are: the `jwks_uri`. Throws as {@link discover}. */
export async function discoverKeySetUrl(source: MetadataSource, egress: Egress): Promise<string> {
  return (await discover(source, egress))["jwks_uri"] as string;
}

/**
 * Asks the issuer what it is and can. Its `jwks_uri` has been checked.
 * @throws GatewayError `idp-unreachable`, `idp-malformed`, and what {@link Egress} throws
 * @see OpenID Connect Discovery §4
 */
export async function discover(source: MetadataSource, egress: Egress): Promise<Readonly<Record<string, unknown>>> {
  const { issuer, base } = source;
  // §4.1: a terminating slash of the issuer is removed before the well-known path is added.
  const url = `${base.endsWith("/") ? base.slice(0, -1) : base}/.well-known/openid-configuration`;
  const document = await fetchDocument(url, source, egress);
  // §4.3: exactly equal, or one issuer could hand out another's keys.
  if (document["issuer"] !== issuer) throw malformed("its discovery document names another issuer");
  checkedUrl(document["jwks_uri"], base);
  return document;
}

/**
 * Gets one JSON object from the provider. The issuer's own origin stands in the definition; any other destination
 * is the provider's choice, so `egress.allow` decides.
 * @throws GatewayError `idp-unreachable`, `idp-malformed`
 */
export async function fetchDocument(
  url: string,
  { base, keyOrigins, ca, trusted, token }: MetadataSource,
  egress: Egress,
): Promise<Readonly<Record<string, unknown>>> {
  const { origin } = new URL(url);
  const declared = trusted && (origin === new URL(base).origin || keyOrigins.includes(origin));
  const headers = ["Accept", "application/json, application/jwk-set+json"];
  if (token !== undefined && origin === new URL(base).origin) headers.push("Authorization", `Bearer ${token}`);
  const authorities = ca === undefined ? {} : { ca };
  const response = await egress.fetch({ url, headers, timeoutMs, maxBytes, declared, ...authorities });
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
