import { createSecureContext } from "node:tls";
import type { NamedCertificate } from "#model/certificates.ts";
import type { Backend, BackendTls } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Located } from "#config/shapes/shape.ts";
import type { Named } from "#config/shapes/record.ts";
import type { BackendInput } from "#config/table/backend.ts";
import type { BackendTlsInput } from "#config/table/backend-tls.ts";

export function buildBackendTls(
  { name, value: { tls } }: Named<BackendInput>,
  secure: boolean,
  resources: Resources,
  certificates: readonly NamedCertificate[],
  problems: Problems,
): Backend["tls"] {
  if (tls === undefined) return null;
  if (!secure) {
    problems.warn("setting-unused", tls.at, `no URL of ${name} is https, so tls has no effect`, "leave out tls");
  }
  const { serverName, minVersion, clientCertificate } = tls.value;
  const shown =
    clientCertificate === undefined
      ? readShown(name, tls, resources, problems)
      : named(name, tls, clientCertificate, certificates, problems);
  return { ...shown, serverName: serverName ?? null, minVersion: minVersion === "1.3" ? "TLSv1.3" : "TLSv1.2" };
}

/** That it is there and has a key is checked where all references are. */
function named(
  name: string,
  { value: { certificate, key }, at }: Located<BackendTlsInput>,
  wanted: Located<string>,
  certificates: readonly NamedCertificate[],
  problems: Problems,
): Pick<BackendTls, "certificate" | "keyPem"> {
  if (certificate !== undefined || key !== undefined) {
    const message = `tls of ${name} names a certificate twice`;
    problems.error("value-invalid", at, message, "write clientCertificate, or certificate and key");
  }
  const found = certificates.find((one) => one.name === wanted.value);
  return { certificate: found?.chainPem ?? null, keyPem: found?.key?.value ?? null };
}

function readShown(
  name: string,
  { value: { certificate, key }, at }: Located<BackendTlsInput>,
  resources: Resources,
  problems: Problems,
): Pick<BackendTls, "certificate" | "keyPem"> {
  const nothing = { certificate: null, keyPem: null };
  if (certificate === undefined && key === undefined) return nothing;
  const fix = "name the certificate and the private key that was made for it, both PEM";
  if (certificate === undefined || key === undefined) {
    problems.error("value-invalid", at, `tls of ${name} has only one of certificate and key`, fix);
    return nothing;
  }
  const cert = resources.certificates.get(certificate.value);
  const keyPem = resources.secrets.get(key)?.reveal();
  // What could not be read has been reported.
  if (cert === undefined || keyPem === undefined) return nothing;
  try {
    createSecureContext({ cert, key: keyPem });
  } catch {
    // The library's message may quote what it was given.
    problems.error("value-invalid", certificate.at, `the certificate and the key of ${name} do not fit`, fix);
  }
  return { certificate: cert, keyPem };
}
