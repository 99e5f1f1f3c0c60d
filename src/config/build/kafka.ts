import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import type { KafkaLogin, KafkaTarget } from "#model/sinks.ts";
import type { Problems } from "#notation/problems.ts";
import { isLoopback } from "#config/checks/urls.ts";
import type { Resources } from "#config/resources.ts";
import type { SecretSource } from "#config/shapes/secret.ts";
import type { Located } from "#config/shapes/shape.ts";
import type { KafkaSinkInput } from "#config/table/kafka.ts";
import { markedOf } from "./marked.ts";

export function kafkaSources(kafka: KafkaSinkInput | undefined): readonly (SecretSource | undefined)[] {
  return [kafka?.password, kafka?.token, kafka?.oauth?.clientSecret, kafka?.key];
}

/** @param name of the sink. Undefined where something is missing, which has been reported. */
export function kafkaOf(
  name: string,
  kafka: Located<KafkaSinkInput>,
  resources: Resources,
  problems: Problems,
): KafkaTarget | undefined {
  const { brokers, topic, tls: secure, partitionBy, compression } = kafka.value;
  checkTransport(name, kafka, problems);
  const login = loginOf(name, kafka, resources, problems);
  const certificate = certificateOf(name, kafka, resources, problems);
  if (brokers === undefined || topic === undefined || login === undefined || certificate === undefined)
    return undefined;
  return { kind: "kafka", brokers, secure, topic, partitionBy, compression, login, certificate };
}

function checkTransport(name: string, { at, value }: Located<KafkaSinkInput>, problems: Problems): void {
  const hosts = (value.brokers ?? []).map(({ host }) => host);
  if (value.tls) {
    const address = hosts.find((host) => isIP(host) !== 0);
    if (address === undefined) return;
    const message = `${name}: TLS is spoken with names, and ${address} is an address`;
    problems.error("value-invalid", at, message, "write the name that the broker's certificate is for");
    return;
  }
  const far = hosts.find((host) => !isLoopback(host === "::1" ? "[::1]" : host));
  if (far === undefined) return;
  const message = `${name}: what is sent to ${far} in clear text can be read and taken by anybody on the way`;
  problems.error("value-invalid", at, message, "leave out tls: false, which is for brokers on this machine");
}

/** Null: it logs in as nobody. */
function loginOf(
  name: string,
  { at, value: { mechanism, user, password, token, oauth } }: Located<KafkaSinkInput>,
  resources: Resources,
  problems: Problems,
): KafkaLogin | null | undefined {
  const byPassword = [mechanism, user, password].filter((one) => one !== undefined).length;
  const ways = (byPassword > 0 ? 1 : 0) + (token === undefined ? 0 : 1) + (oauth === undefined ? 0 : 1);
  if (ways > 1 || byPassword % 3 !== 0) {
    const fix = "write one of mechanism with user and password, token, and oauth";
    problems.error("value-invalid", at, `the sink ${name} does not say how to log in, or says it twice`, fix);
    return undefined;
  }
  if (ways === 0) return null;
  const [word, given, clientSecret] = [password, token, oauth?.clientSecret].map((one) => markedOf(one, resources));
  if (mechanism !== undefined && user !== undefined && word !== undefined) return { mechanism, user, password: word };
  if (given !== undefined) return { mechanism: "OAUTHBEARER", token: given };
  if (oauth?.tokenUrl === undefined || oauth.clientId === undefined || clientSecret === undefined) return undefined;
  const { tokenUrl, clientId, scopes } = oauth;
  return { mechanism: "OAUTHBEARER", tokenUrl, clientId, clientSecret, scopes };
}

/** Null: TLS shows none. */
function certificateOf(
  name: string,
  { at, value: { certificate, key, tls } }: Located<KafkaSinkInput>,
  resources: Resources,
  problems: Problems,
): KafkaTarget["certificate"] | undefined {
  if (certificate === undefined && key === undefined) return null;
  const fix = "name the certificate and the private key that was made for it, both PEM";
  if (certificate === undefined || key === undefined || !tls) {
    const message = tls ? `${name} has only one of certificate and key` : `${name} shows a certificate without TLS`;
    problems.error("value-invalid", at, message, fix);
    return undefined;
  }
  const [chainPem, keyPem] = [resources.certificates.get(certificate.value), markedOf(key, resources)];
  // What could not be read has been reported.
  if (chainPem === undefined || keyPem === undefined) return undefined;
  try {
    createSecureContext({ cert: chainPem, key: keyPem.value });
  } catch {
    // The library's message may quote what it was given.
    problems.error("value-invalid", certificate.at, `the certificate and the key of ${name} do not fit`, fix);
  }
  return { chainPem, key: keyPem };
}
