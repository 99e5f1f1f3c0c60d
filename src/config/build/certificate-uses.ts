import type { NamedCertificate } from "#model/certificates.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import { plainThumbprint } from "#model/own-certificate.ts";
import type { Argument } from "#model/policy-tree.ts";
import { suggestion } from "#notation/nearest.ts";
import type { ArgumentUse } from "#notation/policies/policy-reading.ts";
import type { Problems } from "#notation/problems.ts";
import type { RootInput } from "#config/table/root.ts";

/**
 * Whoever names a certificate must find it, with its key where it is shown to somebody. One that could not be read was
 * reported for itself.
 */
export function checkCertificateUses(
  root: RootInput,
  certificates: readonly NamedCertificate[],
  uses: readonly ArgumentUse[],
  problems: Problems,
): void {
  const written = root.certificates.map(({ name }) => name);
  const check = (name: string, needsKey: boolean, at: SourcePosition): void => {
    if (!written.includes(name)) {
      const fix = suggestion(name, written, (one) => one) ?? `define the certificate ${name} under certificates`;
      return problems.error("reference-unknown", at, `there is no certificate ${name}`, fix);
    }
    if (needsKey)
      keyOf(
        certificates.find((one) => one.name === name),
        at,
        problems,
      );
  };
  for (const { value } of root.backends) {
    const wanted = value.tls?.value.clientCertificate;
    if (wanted !== undefined) check(wanted.value, true, wanted.at);
  }
  for (const { value } of root.serviceFabric) {
    if (value.clientCertificate !== undefined) check(value.clientCertificate.value, true, value.clientCertificate.at);
  }
  for (const { value } of root.connections.flatMap((provider) => provider.value)) {
    if (value.clientCertificate !== undefined) check(value.clientCertificate.value, true, value.clientCertificate.at);
  }
  for (const { policy, argument, value, at } of uses) {
    if (policy === "validate-client-certificate" && argument === "identities") {
      for (const { id, thumbprint } of issuersIn(value)) {
        if (id !== undefined) check(id, false, at);
        checkThumbprint(thumbprint, false, written, certificates, at, problems);
      }
    } else if (policy !== "authentication-certificate") {
      for (const [name, needsKey] of namedInKeys(policy, argument, value)) check(name, needsKey, at);
    } else if (argument === "certificateId") {
      const name = textOf(value);
      if (name !== undefined) check(name, true, at);
    } else if (argument === "thumbprint") checkThumbprint(textOf(value), true, written, certificates, at, problems);
  }
}

function checkThumbprint(
  text: string | undefined,
  needsKey: boolean,
  written: readonly string[],
  certificates: readonly NamedCertificate[],
  at: SourcePosition,
  problems: Problems,
): void {
  if (text === undefined) return;
  const wanted = plainThumbprint(text);
  const found = certificates.find(({ thumbprint }) => thumbprint === wanted);
  if (found !== undefined) return needsKey ? keyOf(found, at, problems) : undefined;
  // It may be that of one that could not be read.
  if (certificates.length < written.length) return;
  const fix = "put it under certificates, or name one: certificateId";
  problems.error("reference-unknown", at, `no certificate has the thumbprint ${wanted.slice(0, 80)}`, fix);
}

function keyOf(found: NamedCertificate | undefined, at: SourcePosition, problems: Problems): void {
  if (found === undefined || found.key !== null) return;
  problems.error(
    "certificate-key",
    at,
    `the certificate ${found.name} has no key, so it cannot be shown`,
    "add its key",
  );
}

interface NamedIssuer {
  readonly id: string | undefined;
  readonly thumbprint: string | undefined;
}

function issuersIn(identities: Argument): readonly NamedIssuer[] {
  const items = identities.kind === "list" ? identities.items : [];
  return items.map((item) => {
    const { issuerCertificateId, issuerThumbprint } = item.kind === "map" ? item.entries : {};
    return { id: textOf(issuerCertificateId), thumbprint: textOf(issuerThumbprint) };
  });
}

/** Keys of tokens: what opens them is private. */
function namedInKeys(policy: string, argument: string, value: Argument): readonly (readonly [string, boolean])[] {
  if (policy !== "validate-jwt" && policy !== "validate-azure-ad-token") return [];
  if (argument !== "issuerSigningKeys" && argument !== "decryptionKeys") return [];
  const items = value.kind === "list" ? value.items : [];
  return items.flatMap((item) => {
    const name = item.kind === "map" ? textOf(item.entries["certificateId"]) : undefined;
    return name === undefined ? [] : [[name, argument === "decryptionKeys"] as const];
  });
}

function textOf(value: Argument | undefined): string | undefined {
  return value?.kind === "literal" && value.secret !== true ? String(value.value) : undefined;
}
