import type { SourcePosition } from "#model/diagnostic.ts";
import type { MarkedSecret } from "#model/marked-secret.ts";
import type { NatsTarget, RecordSinkSettings, SecretField, SinkTarget } from "#model/sinks.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { SecretSource } from "#config/shapes/secret.ts";
import type { NatsSinkInput, SinkInput } from "#config/table/sink.ts";
import { kafkaOf, kafkaSources } from "./kafka.ts";
import { eventHubSources, hubOf } from "./loggers.ts";
import { markedOf } from "./marked.ts";
import { buildSecretFields } from "./secret-fields.ts";

/** Shorter ones can be guessed. */
const leastSecret = 24;
const usual = { everyMs: 1000, records: 500 } as const;
/** Objects are paid for one by one. */
const usualOfBuckets = { everyMs: 60_000, records: 20_000 } as const;

/** Which secrets have to be fetched. */
export function sinkSources({
  webhook,
  s3,
  otlp,
  nats,
  eventHub,
  kafka,
}: SinkInput): readonly (SecretSource | undefined)[] {
  return [
    webhook?.secret,
    s3?.accessKeyId,
    s3?.secretAccessKey,
    s3?.sessionToken,
    nats?.token,
    nats?.password,
    nats?.credentials,
    ...eventHubSources(eventHub?.value),
    ...kafkaSources(kafka?.value),
    ...(webhook?.headers ?? []).map(({ value }) => value),
    ...(otlp?.headers ?? []).map(({ value }) => value),
  ];
}

export function buildSinks(
  sinks: readonly Named<SinkInput>[],
  resources: Resources,
  problems: Problems,
): readonly RecordSinkSettings[] {
  checkNames(sinks, problems);
  return sinks.flatMap((sink) => {
    const { name, at, value } = sink;
    const { webhook, s3, otlp, nats, eventHub, kafka } = value;
    const kinds = [webhook, s3, otlp, nats, eventHub, kafka].filter((one) => one !== undefined);
    if (kinds.length !== 1) {
      const message = `the sink ${name} says ${kinds.length === 0 ? "nowhere" : "twice"} where records go`;
      problems.error("value-invalid", at, message, "write one of webhook, s3, otlp, nats, eventHub and kafka");
      return [];
    }
    const target = targetOf(sink, resources, problems);
    if (target === undefined) return [];
    const { everyMs, records } = target.kind === "s3" ? usualOfBuckets : usual;
    const ca = value.ca === undefined ? null : (resources.certificates.get(value.ca.value) ?? null);
    return {
      name,
      filter: value.filter ?? null,
      format: value.format,
      from: value.from,
      everyMs: value.every ?? everyMs,
      records: value.records ?? records,
      timeoutMs: value.timeout,
      ca,
      target,
    };
  });
}

/** What has been sent is kept in a file by the sink's name, and not every disk tells A from a. */
function checkNames(sinks: readonly Named<SinkInput>[], problems: Problems): void {
  const seen = new Map<string, string>();
  for (const { name, at } of sinks) {
    const other = seen.get(name.toLowerCase());
    seen.set(name.toLowerCase(), name);
    if (other === undefined) continue;
    problems.error(
      "name-invalid",
      at,
      `the sinks ${other} and ${name} differ in case only`,
      "call one of them otherwise",
    );
  }
}

/** Undefined where something is missing, which has been reported. */
function targetOf(
  { name, at, value: { webhook, s3, otlp, nats, eventHub, kafka } }: Named<SinkInput>,
  resources: Resources,
  problems: Problems,
): SinkTarget | undefined {
  const marked = (source: SecretSource | undefined): MarkedSecret | undefined => markedOf(source, resources);
  const fields = (headers: readonly Named<SecretSource>[]): readonly SecretField[] =>
    buildSecretFields(headers, resources, problems);
  if (webhook !== undefined) {
    const secret = marked(webhook.secret);
    if (webhook.url === undefined || webhook.secret === undefined || secret === undefined) return undefined;
    if (secret.value.length < leastSecret) {
      const message = `the secret of ${name} is shorter than ${leastSecret} characters`;
      problems.error("value-invalid", webhook.secret.at, message, "make one: openssl rand -base64 32");
    }
    return { kind: "webhook", url: webhook.url, secret, headers: fields(webhook.headers) };
  }
  if (s3 !== undefined) {
    const { bucket, region, prefix = "" } = s3;
    const [accessKeyId, secretAccessKey] = [marked(s3.accessKeyId), marked(s3.secretAccessKey)];
    if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) return undefined;
    const sessionToken = marked(s3.sessionToken) ?? null;
    return { kind: "s3", bucket: bare(bucket), region, prefix, accessKeyId, secretAccessKey, sessionToken };
  }
  if (eventHub !== undefined) {
    const hub = hubOf(name, eventHub, resources, problems);
    return hub === undefined || hub.sender === null
      ? undefined
      : { kind: "eventHub", url: hub.url, sender: hub.sender };
  }
  if (kafka !== undefined) return kafkaOf(name, kafka, resources, problems);
  if (nats !== undefined) return natsOf(name, at, nats, resources, problems);
  if (otlp?.endpoint === undefined) return undefined;
  const { endpoint, protocol, compression, headers } = otlp;
  return { kind: "otlp", endpoint: bare(endpoint), protocol, compression, headers: fields(headers) };
}

function natsOf(
  name: string,
  at: SourcePosition,
  { url, subject, token, user, password, credentials }: NatsSinkInput,
  resources: Resources,
  problems: Problems,
): NatsTarget | undefined {
  const ways = [token, user ?? password, credentials].filter((one) => one !== undefined);
  if (ways.length > 1 || (user === undefined) !== (password === undefined)) {
    const fix = "write one of token, user with password, and credentials";
    problems.error("value-invalid", at, `the sink ${name} does not say how to log in, or says it twice`, fix);
  }
  if (url === undefined || subject === undefined) return undefined;
  const [given, word, creds] = [token, password, credentials].map((source) => markedOf(source, resources));
  if (given !== undefined) return { kind: "nats", ...url, subject, login: { token: given } };
  if (user !== undefined && word !== undefined) {
    return { kind: "nats", ...url, subject, login: { user, password: word } };
  }
  if (creds !== undefined) return { kind: "nats", ...url, subject, login: { credentials: creds } };
  // What could not be had has been reported; without it nobody would be logged in.
  return ways.length > 0 ? undefined : { kind: "nats", ...url, subject, login: null };
}

function bare(url: string): string {
  return url.replace(/\/+$/, "");
}
