import type { ClientCertificate, Exchange } from "#model/exchange.ts";
import { type JsonWriter, piece } from "./json-writer.ts";
import { writeList } from "./list-writer.ts";
import type { QueryRedactor } from "./query-redaction.ts";
import type { RecordLimits } from "./record-limits.ts";

/** Writes what was asked for, by whom on the network, over what. Everything here may be the client's choice. */
export function writeRequest(
  json: JsonWriter,
  { facts, api }: Exchange,
  redact: QueryRedactor,
  limits: RecordLimits,
): void {
  json.copy(pieces.method);
  json.text(facts.method, 32);
  json.copy(pieces.host);
  json.text(facts.host, limits.name);
  json.copy(pieces.path);
  json.text(facts.path, limits.path);
  if (facts.query !== "") {
    const query = redact(facts.query, api === null ? "" : api.subscriptionKey.query, limits.query);
    json.member(pieces.query, query, limits.query);
  }
  json.copy(pieces.protocol);
  json.raw(facts.protocol);
  json.copy(pieces.client);
  json.text(facts.clientAddress, 64);
  if (facts.tls === null) return;
  json.copy(pieces.tls);
  json.text(facts.tls.version, 16);
  json.copy(pieces.cipher);
  json.text(facts.tls.cipher, 64);
  if (facts.tls.certificate !== null) writeCertificate(json, facts.tls.certificate, limits);
  json.copy(pieces.close);
}

function writeCertificate(json: JsonWriter, certificate: ClientCertificate, limits: RecordLimits): void {
  const { subject, issuer, serial, fingerprint, dnsNames, uris, emails } = certificate;
  const names = [
    ...uris.map((name) => `uri:${name}`),
    ...dnsNames.map((name) => `dns:${name}`),
    ...emails.map((name) => `email:${name}`),
  ];
  json.copy(pieces.certificate);
  json.text(serial, 64);
  json.member(pieces.fingerprint, fingerprint, 64);
  json.member(pieces.subject, subject, limits.name);
  json.member(pieces.issuer, issuer, limits.name);
  writeList(json, pieces.names, names, limits.certificateNames, limits.name);
  json.copy(pieces.close);
}

const pieces = {
  method: piece(',"method":'),
  host: piece(',"host":'),
  path: piece(',"path":'),
  query: piece(',"query":'),
  protocol: piece(',"protocol":"'),
  client: piece('","client":'),
  tls: piece(',"tls":{"version":'),
  cipher: piece(',"cipher":'),
  certificate: piece(',"certificate":{"serial":'),
  fingerprint: piece(',"fingerprint":'),
  subject: piece(',"subject":'),
  issuer: piece(',"issuer":'),
  names: piece(',"names":['),
  close: piece("}"),
} as const;
