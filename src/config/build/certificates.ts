import { createPrivateKey, X509Certificate } from "node:crypto";
import type { FileCertificate } from "#model/certificates.ts";
import type { Secret } from "#model/secret.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { FileCertificateInput } from "#config/table/edge.ts";

/** Certificates from files. What cannot be used is reported and left out. */
export function buildCertificates(
  inputs: readonly FileCertificateInput[],
  resources: Resources,
  problems: Problems,
): readonly FileCertificate[] {
  return inputs.map((input) => build(input, resources, problems)).filter((one) => one !== null);
}

function build(
  { certificate, key }: FileCertificateInput,
  resources: Resources,
  problems: Problems,
): FileCertificate | null {
  const chainPem = certificate === undefined ? undefined : resources.certificates.get(certificate.value);
  const keyPem = key === undefined ? undefined : resources.secrets.get(key);
  if (certificate === undefined || chainPem === undefined || keyPem === undefined) return null;
  const { at } = certificate;
  try {
    const leaf = new X509Certificate(chainPem);
    if (belongs(leaf, keyPem)) return { chainPem, key: keyPem, hosts: hostsOf(leaf), at };
    const message = `the key from ${keyPem.origin} does not belong to ${certificate.value}`;
    problems.error("certificate-key", at, message, "the leaf comes first in the file of the certificate");
  } catch {
    problems.error("value-invalid", at, `${certificate.value} holds no certificate that can be read`);
  }
  return null;
}

/** What OpenSSL says of a key it cannot read is not shown. */
function belongs(leaf: X509Certificate, key: Secret): boolean {
  try {
    return leaf.checkPrivateKey(createPrivateKey(key.reveal()));
  } catch {
    return false;
  }
}

/** `DNS:api.example.com, IP Address:192.0.2.1` → names. */
function hostsOf({ subjectAltName }: X509Certificate): readonly string[] {
  const names = (subjectAltName ?? "").split(", ").map((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1]);
  return names.filter((name) => name !== undefined).map((name) => name.toLowerCase());
}
