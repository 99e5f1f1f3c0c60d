import { X509Certificate } from "node:crypto";
import type { Api, ClientCertificateSettings, ListenerCertificates, ListenPlace } from "#model/definition.ts";
import { placeText } from "#model/listen-place.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Located } from "#config/shapes/shape.ts";
import type {
  ClientCertificatesInput,
  EdgeInput,
  ListenerCertificatesInput,
  SecureListenInput,
} from "#config/table/edge.ts";

/** Settings of the listeners that have their own. */
export function buildListenerCertificates(
  listeners: readonly Located<SecureListenInput>[],
  places: readonly ListenPlace[],
  resources: Resources,
  problems: Problems,
): readonly ListenerCertificates[] {
  return listeners.flatMap(({ value: { clientCertificates: own }, at }, index) => {
    const place = places[index];
    if (own === undefined || place === undefined) return [];
    // It is told from the others by where it listens, also after a reload.
    if ("port" in place && place.port === 0) {
      const fix = "write its port: 127.0.0.1:9443";
      problems.error("value-invalid", at, "a listener with clientCertificates of its own has any port", fix);
    }
    return [{ place: placeText(place), settings: ofListener(own, resources, problems) }];
  });
}

function ofListener(
  { value, at }: Located<ListenerCertificatesInput>,
  resources: Resources,
  problems: Problems,
): ClientCertificateSettings | null {
  const { mode, ...authorities } = value;
  if (mode !== "none")
    return buildClientCertificates({ value: { mode, ...authorities }, at }, "auto", resources, problems);
  if (authorities.ca.length > 0 || authorities.internalCa) {
    problems.error("value-invalid", at, "mode: none asks nobody, so nobody is believed", "leave out ca and internalCa");
  }
  return null;
}

export function buildClientCertificates(
  input: Located<ClientCertificatesInput> | undefined,
  https: EdgeInput["https"],
  resources: Resources,
  problems: Problems,
): ClientCertificateSettings | null {
  if (input === undefined) return null;
  const { value, at } = input;
  const { mode, ca, internalCa } = value;
  if (https === "off") {
    const fix = "serve HTTPS here, or let the proxy in front check certificates";
    problems.error("client-certificates-unasked", at, "without HTTPS no client can be asked for a certificate", fix);
  }
  if (ca.length === 0 && !internalCa) {
    const fix = "name PEM files under ca, or write internalCa: true";
    problems.error("key-missing", at, "clientCertificates trusts no authority, so it would believe nobody", fix);
  }
  const texts = ca.map((file) => checked(file, resources.certificates.get(file.value), problems));
  return { mode, ca: texts.join("\n"), internalCa };
}

/** A file of which half can be read would leave out authorities without a word. */
function checked({ value, at }: Located<string>, text: string | undefined, problems: Problems): string {
  // Reported where it was read.
  if (text === undefined) return "";
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const begun = text.split("-----BEGIN CERTIFICATE-----").length - 1;
  if (begun !== blocks.length || !blocks.every(isAuthority)) {
    const fix = "write certificates of authorities (CA:TRUE) only, one PEM block after the other";
    problems.error("value-invalid", at, `${value} holds something that is no certificate of an authority`, fix);
  }
  return blocks.join("\n");
}

/** OpenSSL takes any certificate as trusted, but verifies nothing against one that is no authority. */
function isAuthority(block: string): boolean {
  try {
    return new X509Certificate(block).ca;
  } catch {
    return false;
  }
}

export function asksClients({ clientCertificates, listen }: EdgeInput): boolean {
  const own = (listen.https?.value ?? []).map(({ value }) => value.clientCertificates?.value.mode ?? "none");
  return clientCertificates !== undefined || own.some((mode) => mode !== "none");
}

/** An API that requires what no client is asked for refuses everybody. */
export function checkCertificatesAsked(apis: readonly Api[], problems: Problems): void {
  for (const { name, clientCertificate, operations, at } of apis) {
    const strict = operations.filter((operation) => operation.clientCertificate ?? clientCertificate);
    if (strict.length > 0 && strict.length === operations.length) reportUnasked(name, at, problems);
    else for (const operation of strict) reportUnasked(`${operation.name} of ${name}`, operation.at, problems);
  }
}

function reportUnasked(what: string, at: SourcePosition, problems: Problems): void {
  const message = `${what} requires a client certificate, but clients are not asked for one`;
  problems.error("client-certificates-unasked", at, message, "write edge.clientCertificates");
}
