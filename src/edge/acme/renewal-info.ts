import { Buffer } from "node:buffer";
import type { Clock } from "#model/ports.ts";
import { AuthorityKeyIdentifierExtension, X509Certificate } from "#edge/x509.ts";
import { certificatesOf } from "./chain.ts";
import { type JsonObject, optionalText, parseObject } from "./json.ts";
import { unusable } from "./problem.ts";
import type { Directory } from "./resources.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { AcmeTransport } from "./transport.ts";

const minute = 60_000;
const hour = 60 * minute;
/** How often is asked when the authority does not say; RFC 9773 §4.3.3 wants clients to bound what it says. */
const usualMs = 6 * hour;
const leastMs = minute;
const mostMs = 24 * hour;

/** When the authority wishes a certificate to be renewed. Milliseconds since the epoch. @see RFC 9773 §4.2 */
export interface RenewalWindow {
  readonly start: number;
  readonly end: number;
  /** Where the authority explains itself, when it does. */
  readonly explanation: string | null;
  /** Ask again then. */
  readonly askAgainAt: number;
}

/** Unique name of a certificate: its issuer's key identifier and its serial number. @see RFC 9773 §4.1 */
export function certificateIdOf(chainPem: string): string | null {
  const [leaf] = certificatesOf(chainPem);
  if (leaf === undefined) return null;
  const certificate = new X509Certificate(leaf);
  const keyId = certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId;
  if (keyId === undefined) return null;
  const serial = Buffer.from(certificate.serialNumber, "hex");
  // The DER form of a positive integer: a leading zero octet where the first bit is set.
  const signed = ((serial[0] ?? 0) & 0x80) === 0 ? serial : Buffer.concat([Buffer.of(0), serial]);
  return `${Buffer.from(keyId, "hex").toString("base64url")}.${signed.toString("base64url")}`;
}

/** @returns null when the authority has no such thing @throws GatewayError `certificate-unavailable` */
export async function fetchRenewalWindow(
  transport: AcmeTransport,
  { renewalInfo }: Directory,
  certificateId: string,
  clock: Clock,
): Promise<RenewalWindow | null> {
  if (renewalInfo === undefined) return null;
  const { status, headers, text } = await transport.get(`${renewalInfo.replace(/\/$/, "")}/${certificateId}`);
  if (status !== 200) throw unusable(`the authority answered ${status} to the question when to renew`);
  const now = clock.now();
  const wait = retryAfterMs(headers.get("retry-after"), now) || usualMs;
  return { ...readWindow(text), askAgainAt: now + Math.min(Math.max(wait, leastMs), mostMs) };
}

function readWindow(text: string): Omit<RenewalWindow, "askAgainAt"> {
  const object = parseObject(text, "renewal information");
  const suggested = (object["suggestedWindow"] ?? {}) as JsonObject;
  const start = Date.parse(optionalText(suggested, "start") ?? "");
  const end = Date.parse(optionalText(suggested, "end") ?? "");
  // RFC 9773 §4.2: a window that ends before it starts is as if there were none.
  if (!(end >= start)) throw unusable("the authority's renewal window cannot be read");
  return { start, end, explanation: optionalText(object, "explanationURL")?.slice(0, 500) ?? null };
}
