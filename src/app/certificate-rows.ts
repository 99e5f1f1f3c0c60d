import type { FileCertificate, NamedCertificate } from "#model/certificates.ts";
import type { InternalStatus } from "#edge/certificate-store.ts";
import type { ManagedName } from "#edge/managed/managed-name.ts";
import type { Failure } from "#edge/managed/name-state.ts";
import type { Staple } from "#edge/ocsp/staple.ts";
import { readCertificate } from "#edge/managed/stored-certificate.ts";
import type { CertificateProblem, CertificateRow, CertificateState } from "#admin/certificate-row.ts";
import { ocspRow } from "./ocsp-row.ts";

export function managedRow(managed: ManagedName, staple: Staple | null, now: number): CertificateRow {
  const { name, certificate, state } = managed;
  const { lastFailure, passedOver } = state;
  const dueAt = managed.dueAt();
  return {
    names: [name],
    source: "acme",
    issuer: certificate?.signedBy ?? null,
    serial: certificate?.serial ?? null,
    notBefore: certificate === null ? null : iso(certificate.notBefore),
    notAfter: certificate === null ? null : iso(certificate.notAfter),
    renewal: certificate === null || dueAt === null || dueAt === 0 ? null : iso(dueAt),
    state: stateOf(managed, now),
    problem: lastFailure === null ? null : shown(lastFailure),
    passedOver: passedOver.map((failure) => shown(failure)),
    nextTry: state.failures > 0 && state.nextTryAt !== null ? iso(state.nextTryAt) : null,
    ocsp: ocspRow(staple),
  };
}

function shown(failure: Failure): CertificateProblem {
  return { ...failure, at: iso(failure.at) };
}

function stateOf({ certificate, state }: ManagedName, now: number): CertificateState {
  if (state.failures > 0 && state.nextTryAt === null) return "given-up";
  if (certificate !== null && certificate.notAfter > now) return "valid";
  return state.failures > 0 ? "failing" : "pending";
}

export function internalRow(
  { names, serial, notBefore, notAfter, renewAt }: InternalStatus,
  now: number,
): CertificateRow {
  return {
    names,
    source: "internal",
    issuer: "Sallyport Internal Intermediate",
    serial,
    notBefore: iso(notBefore),
    notAfter: iso(notAfter),
    renewal: iso(renewAt),
    state: notAfter > now ? "valid" : "expired",
    problem: null,
    passedOver: [],
    nextTry: null,
    ocsp: null,
  };
}

export function fileRow({ hosts, key, chainPem }: FileCertificate, staple: Staple | null, now: number): CertificateRow {
  return givenRow("file", hosts, readCertificate(key.reveal(), chainPem), ocspRow(staple), now);
}

/** Those that the gateway shows as a client. Backends would see an error for an expired one. */
export function clientRows(certificates: readonly NamedCertificate[], now: number): readonly CertificateRow[] {
  return certificates.flatMap(({ name, chainPem, key }) =>
    key === null ? [] : [givenRow("client", [name], readCertificate(key.value, chainPem), null, now)],
  );
}

/** Of one that somebody else renews. */
function givenRow(
  source: "file" | "client",
  names: readonly string[],
  { signedBy, serial, notBefore, notAfter }: ReturnType<typeof readCertificate>,
  ocsp: CertificateRow["ocsp"],
  now: number,
): CertificateRow {
  return {
    names,
    source,
    issuer: signedBy,
    serial,
    notBefore: iso(notBefore),
    notAfter: iso(notAfter),
    renewal: null,
    state: notAfter > now ? "valid" : "expired",
    problem: null,
    passedOver: [],
    nextTry: null,
    ocsp,
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
