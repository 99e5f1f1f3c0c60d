import { createHash, type X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { type KeyAndChainProblem, type KeyAndChainResult, readKeyAndChain, readPem } from "#lib/key-and-chain.ts";
import type { NamedCertificate } from "#model/certificates.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { NamedCertificateInput } from "#config/table/named-certificate.ts";

/** Files of our own may take their time, some seconds at most. */
const maxHashes = 5_000_000;

const fixes: Readonly<Partial<Record<KeyAndChainProblem, string>>> = {
  algorithm: "write it anew: openssl pkcs12 -legacy -in old.pfx -nodes | openssl pkcs12 -export -out new.pfx",
  password: "say its password: password: { env: … }",
};

/** Certificates that backends, policies and expressions call by name. What cannot be used is reported and left out. */
export function buildNamedCertificates(
  inputs: readonly Named<NamedCertificateInput>[],
  resources: Resources,
  problems: Problems,
  now: number,
): readonly NamedCertificate[] {
  return inputs.map((input) => build(input, resources, problems, now)).filter((one) => one !== null);
}

function build(
  { name, at, value }: Named<NamedCertificateInput>,
  resources: Resources,
  problems: Problems,
  now: number,
): NamedCertificate | null {
  const found = read({ name, at, value }, resources, problems);
  if (found === null) return null;
  if ("problem" in found) {
    report(found.problem, { name, at, value }, problems);
    return null;
  }
  const { chain, key } = found;
  const [leaf] = chain;
  const chainPem = chain.map((one) => one.toString()).join("");
  const keyPem = key === null ? null : String(key.export({ type: "pkcs8", format: "pem" }));
  if (keyPem !== null && !isFitForTls(chainPem, keyPem)) {
    report("unreadable", { name, at, value }, problems);
    return null;
  }
  warnOfTimes(name, leaf, at, problems, now);
  return {
    name,
    chainPem,
    key: keyPem === null ? null : { secret: true, value: keyPem },
    thumbprint: createHash("sha1").update(leaf.raw).digest("hex").toUpperCase(),
    at,
  };
}

/** Kinds and lengths of keys that TLS does not take are told here, and not by the first request. */
function isFitForTls(cert: string, key: string): boolean {
  try {
    createSecureContext({ cert, key });
    return true;
  } catch {
    return false;
  }
}

/** Null when it could not be had, which was reported. */
function read(
  { name, at, value }: Named<NamedCertificateInput>,
  { secrets, binaries, certificates }: Resources,
  problems: Problems,
): KeyAndChainResult | null {
  const { certificate, key, pfx, password } = value;
  if ((pfx === undefined) === (certificate === undefined) || (pfx !== undefined && key !== undefined)) {
    const message = `the certificate ${name} comes from one place`;
    problems.error("value-invalid", at, message, "write certificate and key, or pfx");
    return null;
  }
  const secretPassword = password === undefined ? undefined : secrets.get(password);
  if (password !== undefined && secretPassword === undefined) return null;
  const opening = secretPassword?.reveal() ?? "";
  if (pfx !== undefined) {
    const file = binaries.get(pfx);
    return file === undefined ? null : readKeyAndChain(Buffer.from(file.reveal(), "base64"), opening, maxHashes);
  }
  const pem = certificate === undefined ? undefined : certificates.get(certificate.value);
  if (pem === undefined) return null;
  if (key === undefined) return readPem(pem, "", "", 0);
  const keyPem = secrets.get(key)?.reveal();
  if (keyPem === undefined) return null;
  const found = readPem(pem, keyPem, opening, maxHashes);
  return "key" in found && found.key === null ? { problem: "password" } : found;
}

/** What the library says of a key is not shown: it may quote it. */
function report(
  problem: KeyAndChainProblem,
  { name, at, value }: Named<NamedCertificateInput>,
  problems: Problems,
): void {
  const place = (value.pfx ?? value.certificate)?.at ?? at;
  const what = value.pfx === undefined ? "certificate" : "pfx";
  if (problem === "key-does-not-fit") {
    return problems.error("certificate-key", place, `the key of ${name} does not belong to its certificate`);
  }
  const messages: Readonly<Record<Exclude<KeyAndChainProblem, "key-does-not-fit">, string>> = {
    absent: `the ${what} of ${name} holds no certificate`,
    unreadable: `the ${what} of ${name} cannot be read`,
    algorithm: `the ${value.pfx === undefined ? "key" : what} of ${name} is encrypted with a cipher that is not read here`,
    password:
      value.pfx === undefined ? `the key of ${name} cannot be read` : `the password does not open the pfx of ${name}`,
  };
  const fix =
    problem === "algorithm" && value.pfx === undefined ? "encrypt it anew: openssl pkcs8 -topk8" : fixes[problem];
  problems.error("certificate-invalid", place, messages[problem], fix);
}

/** Backends decide about an expired one: it may be the reason why one is replaced just now. */
function warnOfTimes(name: string, leaf: X509Certificate, at: SourcePosition, problems: Problems, now: number): void {
  if (Date.parse(leaf.validTo) <= now) {
    problems.warn("certificate-expired", at, `the certificate ${name} expired on ${leaf.validTo}`, "renew it");
  } else if (Date.parse(leaf.validFrom) > now) {
    problems.warn("certificate-expired", at, `the certificate ${name} is not valid before ${leaf.validFrom}`);
  }
}
