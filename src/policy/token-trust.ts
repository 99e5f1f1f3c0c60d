import type { Exchange } from "#model/exchange.ts";
import { GatewayError } from "#model/errors.ts";
import type { Argument, PolicyNode, Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import type { TokenTrust, TrustedKey, TrustedMetadata } from "#model/token-trust.ts";
import { argumentOf, listOf } from "./arguments.ts";
import type { PolicyPorts } from "./context.ts";
import { expressionFailed } from "./failure.ts";
import type { OwnCertificates } from "./own-certificates.ts";
import { type Evaluate, evaluateBoolean, evaluateString, isValue } from "./values.ts";

/** Whose tokens a `validate-jwt` with keys of its own believes: one object for all requests where nothing is computed. */
export function linkTokenTrust(node: PolicyNode, { clock, ownCertificates }: PolicyPorts): Evaluate<TokenTrust> {
  const metadata = listOf(argumentOf(node, "openidConfig")).map((item) => linkMetadata(item, clock));
  const keys = listOf(argumentOf(node, "issuerSigningKeys")).map((item) => linkKey(item, clock, ownCertificates));
  const decryption = linkDecryption(node, clock, ownCertificates);
  const signed = linkSigned(node, clock);
  const make = (exchange: Exchange): TokenTrust => ({
    ...(signed.evaluate(exchange) ? {} : { unsigned: true }),
    metadata: metadata.map(({ evaluate }) => evaluate(exchange)),
    keys: keys.map(({ evaluate }) => evaluate(exchange)),
    ...decryption.evaluate(exchange),
  });
  if ([...metadata, ...keys, decryption, signed].some(({ computed }) => computed)) return make;
  let trust: TokenTrust | undefined;
  return (exchange) => (trust ??= make(exchange));
}

interface Part<T> {
  readonly computed: boolean;
  readonly evaluate: Evaluate<T>;
}

/** Keys that open encrypted tokens; nothing where the node names none. */
export function linkDecryption(
  node: PolicyNode,
  clock: Clock,
  ownCertificates: OwnCertificates,
): Part<Pick<TokenTrust, "decryption">> {
  const keys = listOf(argumentOf(node, "decryptionKeys")).map((item) => linkKey(item, clock, ownCertificates));
  return {
    computed: keys.some(({ computed }) => computed),
    evaluate: (exchange) => (keys.length === 0 ? {} : { decryption: keys.map(({ evaluate }) => evaluate(exchange)) }),
  };
}

function linkSigned(node: PolicyNode, clock: Clock): Part<boolean> {
  const value = argumentOf(node, "requireSignedTokens");
  if (!isValue(value)) return { computed: false, evaluate: () => true };
  return { computed: value.kind !== "literal", evaluate: evaluateBoolean(value, clock) };
}

function entriesOf(item: Argument): Readonly<Record<string, Argument>> {
  return item.kind === "map" ? item.entries : {};
}

function linkMetadata(item: Argument, clock: Clock): Part<TrustedMetadata> {
  const { url } = entriesOf(item);
  const value: Value = isValue(url) ? url : { kind: "literal", value: "" };
  const declared = value.kind === "literal";
  const text = evaluateString(value, clock);
  return { computed: !declared, evaluate: (exchange) => ({ url: checkedUrl(text(exchange).trim()), declared }) };
}

function checkedUrl(url: string): string {
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return url;
  throw expressionFailed("the URL of OpenID metadata is none");
}

function linkKey(item: Argument, clock: Clock, ownCertificates: OwnCertificates): Part<TrustedKey> {
  const { id, certificateId, n, e, value } = entriesOf(item);
  const name = id?.kind === "literal" ? { id: String(id.value) } : {};
  if (certificateId?.kind === "literal") {
    const certificate = ownCertificates.get(String(certificateId.value));
    if (certificate === undefined)
      throw new GatewayError("definition-invalid", 500, "a key's certificate is not there");
    return { computed: false, evaluate: () => ({ ...name, material: { certificate } }) };
  }
  if (n?.kind === "literal" && e?.kind === "literal") {
    const material = { n: String(n.value), e: String(e.value) };
    return { computed: false, evaluate: () => ({ ...name, material }) };
  }
  const secret = evaluateString(isValue(value) ? value : { kind: "literal", value: "" }, clock);
  const computed = isValue(value) && value.kind !== "literal";
  return { computed, evaluate: (exchange) => ({ ...name, material: { secret: secret(exchange).trim() } }) };
}
