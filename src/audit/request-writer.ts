import { Buffer } from "node:buffer";
import type { ClientCertificate, Exchange, RequestFacts, TlsFacts } from "#model/exchange.ts";
import { type JsonWriter, piece } from "./json-writer.ts";
import { writeList } from "./list-writer.ts";
import type { RecordRedaction } from "./redaction/record-redaction.ts";
import type { RecordLimits } from "./record-limits.ts";

/** Writes what was asked for, by whom on the network, over what. Everything here may be the client's choice. */
export function writeRequest(
  json: JsonWriter,
  exchange: Exchange,
  redaction: RecordRedaction,
  limits: RecordLimits,
): void {
  const { facts } = exchange;
  const method = methods.get(facts.method);
  if (method !== undefined) json.copy(method);
  else {
    json.copy(pieces.method);
    json.text(redaction.headOf(exchange, facts.method), 32);
    json.copy(pieces.host);
  }
  json.text(redaction.headOf(exchange, facts.host), limits.name);
  json.copy(pieces.path);
  json.text(redaction.pathOf(exchange), limits.path);
  if (facts.query !== "") json.member(pieces.query, redaction.queryOf(exchange, limits.query), limits.query);
  json.copy(protocols[facts.protocol]);
  json.text(facts.clientAddress, 64);
  if (facts.tls === null) return;
  json.copy(tlsText(facts.tls));
  json.member(pieces.certificateProblem, facts.tls.certificateProblem ?? undefined, limits.name);
  if (facts.tls.certificate !== null) writeCertificate(json, facts.tls.certificate, limits);
  json.copy(pieces.close);
}

/** What a handshake agrees on is from a short list of the runtime's: nothing that a client could make up. */
function tlsText({ version, cipher }: TlsFacts): Uint8Array {
  const known = tlsTexts.get(cipher);
  if (known?.version === version) return known.text;
  const text = Uint8Array.from(
    Buffer.from(`,"tls":{"version":${JSON.stringify(version)},"cipher":${JSON.stringify(cipher)}`),
  );
  tlsTexts.set(cipher, { version, text });
  return text;
}

const tlsTexts = new Map<string, { readonly version: string; readonly text: Uint8Array }>();

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

/** Of the methods that nearly every request has: nothing that a client could make up. */
export function isUsualMethod(method: string): boolean {
  return methods.has(method);
}

const pieces = {
  method: piece(',"method":'),
  host: piece(',"host":'),
  path: piece(',"path":'),
  query: piece(',"query":'),
  certificateProblem: piece(',"certificateProblem":'),
  certificate: piece(',"certificate":{"serial":'),
  fingerprint: piece(',"fingerprint":'),
  subject: piece(',"subject":'),
  issuer: piece(',"issuer":'),
  names: piece(',"names":['),
  close: piece("}"),
} as const;

const protocolPiece = (protocol: string): Uint8Array => piece(`,"protocol":"${protocol}","client":`);

const protocols: Readonly<Record<RequestFacts["protocol"], Uint8Array>> = {
  "HTTP/1.0": protocolPiece("HTTP/1.0"),
  "HTTP/1.1": protocolPiece("HTTP/1.1"),
  "HTTP/2": protocolPiece("HTTP/2"),
};

/** Those that nearly every request has, up to the host. */
const methods: ReadonlyMap<string, Uint8Array> = new Map(
  ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map((name) => [
    name,
    piece(`,"method":"${name}","host":`),
  ]),
);
