import { GatewayError } from "#model/errors.ts";
import type { ClientCertificate } from "#model/exchange.ts";
import type { Argument } from "#model/policy-tree.ts";
import { issuedBy } from "./issued-by.ts";
import type { OwnCertificates } from "./own-certificates.ts";

type Check = (certificate: ClientCertificate, wanted: string) => boolean;

/** How each attribute of an identity is compared with a certificate. */
const checks: Readonly<Record<string, Check>> = {
  thumbprint: ({ thumbprint }, wanted) => thumbprint === hex(wanted),
  serialNumber: ({ serial }, wanted) => withoutZeros(serial) === withoutZeros(hex(wanted)),
  commonName: ({ subject }, wanted) => nameParts(subject).includes(`CN=${wanted.trim()}`),
  subject: ({ subject }, wanted) => sameName(subject, wanted),
  dnsName: ({ dnsNames }, wanted) => dnsNames.some((name) => name.toLowerCase() === wanted.trim().toLowerCase()),
  issuerSubject: ({ issuer }, wanted) => sameName(issuer, wanted),
};

type Fits = (certificate: ClientCertificate) => boolean;

/** One entry of `identities`: all that it says must fit. An attribute that cannot be told here fits nobody. */
export function linkCertificateIdentity(item: Argument, own: OwnCertificates): Fits {
  const wanted = Object.entries(item.kind === "map" ? item.entries : {}).map(([name, value]) =>
    linkAttribute(name, value, own),
  );
  return (certificate) => wanted.length > 0 && wanted.every((fits) => fits(certificate));
}

function linkAttribute(name: string, value: Argument, own: OwnCertificates): Fits {
  const text = value.kind === "literal" ? String(value.value) : undefined;
  if (text !== undefined && (name === "issuerCertificateId" || name === "issuerThumbprint")) {
    const issuer = name === "issuerThumbprint" ? own.withThumbprint(text) : own.get(text);
    if (issuer !== undefined) return issuedBy(issuer);
  }
  const check = checks[name];
  // A condition that is left out would let others pass.
  if (check === undefined || text === undefined) {
    throw new GatewayError("definition-invalid", 500, `validate-client-certificate cannot compare ${name}`);
  }
  return (certificate) => check(certificate, text);
}

function hex(text: string): string {
  return text.replaceAll(/[\s:]/g, "").toLowerCase();
}

function withoutZeros(text: string): string {
  return text.replace(/^0+/, "");
}

/** Written with or without spaces behind the commas, quoted or escaped: the parts are the same, in the same order. */
function sameName(one: string, other: string): boolean {
  const [left, right] = [nameParts(one), nameParts(other)];
  return left.length === right.length && left.every((part, index) => part === right[index]);
}

/** @see RFC 4514 §2; .NET quotes a value with commas instead of escaping them */
function nameParts(name: string): readonly string[] {
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  for (let at = 0; at < name.length; at += 1) {
    const character = name[at] as string;
    if (character === "\\" && at + 1 < name.length) part += name[(at += 1)];
    else if (character === '"') quoted = !quoted;
    else if (character === "," && !quoted) {
      parts.push(tidy(part));
      part = "";
    } else part += character;
  }
  return [...parts, tidy(part)];
}

function tidy(part: string): string {
  const equals = part.indexOf("=");
  if (equals < 0) return part.trim();
  return `${part.slice(0, equals).trim().toUpperCase()}=${part.slice(equals + 1).trim()}`;
}
