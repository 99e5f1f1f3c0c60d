import { parseNatsUrl } from "#config/checks/nats-url.ts";
import { parseServiceUrl } from "#config/checks/urls.ts";
import { choice } from "#config/shapes/choice.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, type Parsed, text } from "#config/shapes/text.ts";
import { compileRecordFilter } from "#notation/cel/record-filter.ts";
import { type EventHubInput, eventHubShape } from "./event-hub.ts";
import { type KafkaSinkInput, kafkaShape } from "./kafka.ts";
import { fieldName } from "./backend-credentials.ts";

export interface WebhookSinkInput {
  readonly url: string | undefined;
  readonly secret: SecretSource | undefined;
  readonly headers: readonly Named<SecretSource>[];
}

export interface S3SinkInput {
  readonly bucket: string | undefined;
  readonly region: string;
  readonly prefix: string | undefined;
  readonly accessKeyId: SecretSource | undefined;
  readonly secretAccessKey: SecretSource | undefined;
  readonly sessionToken: SecretSource | undefined;
}

export interface OtlpSinkInput {
  readonly endpoint: string | undefined;
  readonly protocol: "http/protobuf" | "http/json";
  readonly compression: "gzip" | "none";
  readonly headers: readonly Named<SecretSource>[];
}

export interface NatsSinkInput {
  readonly url: { readonly host: string; readonly port: number; readonly secure: boolean } | undefined;
  readonly subject: string | undefined;
  readonly token: SecretSource | undefined;
  readonly user: string | undefined;
  readonly password: SecretSource | undefined;
  readonly credentials: SecretSource | undefined;
}

export interface SinkInput {
  readonly nats: NatsSinkInput | undefined;
  readonly eventHub: Located<EventHubInput> | undefined;
  readonly kafka: Located<KafkaSinkInput> | undefined;
  readonly webhook: WebhookSinkInput | undefined;
  readonly s3: S3SinkInput | undefined;
  readonly otlp: OtlpSinkInput | undefined;
  readonly filter: string | undefined;
  readonly format: "jsonl" | "ocsf";
  readonly from: "now" | "oldest";
  readonly every: number | undefined;
  readonly records: number | undefined;
  readonly timeout: number;
  readonly ca: Located<string> | undefined;
}

const second = 1000;

const filterShape = text("a filter", (source) => {
  const compiled = compileRecordFilter(source);
  if (compiled.ok) return { value: source };
  const fix = 'write CEL over members of a record, such as decision == "deny"';
  return { problem: `this is no filter: ${compiled.problem.message}`, fix };
});

/** What URLs would be read without, or otherwise, is not what was written. */
function parsePrefix(written: string): Parsed<string> {
  const parts = written.replace(/\/$/, "").split("/");
  const isPlain = parts.every((part) => /^[A-Za-z0-9_.-]+$/.test(part) && !/^\.\.?$/.test(part));
  if (isPlain && written.length <= 256) return { value: written };
  return { problem: "this cannot stand in front of an object's name", fix: "write record/" };
}

const headers = {
  shape: record("header fields", secret, fieldName),
  about: "Header fields of each call, each from { env: … } or { file: … }.",
  default: [],
};

const webhookShape = object<WebhookSinkInput>("a webhook", {
  url: { shape: text("a URL", parseServiceUrl), about: "Where records are sent, with POST.", required: true },
  secret: {
    shape: secret,
    about: "Signs what is sent (Standard Webhooks): whsec_ and base64, or any text.",
    required: true,
  },
  headers,
});

const s3Shape = object<S3SinkInput>("an S3 bucket", {
  bucket: {
    shape: text("a URL", parseServiceUrl),
    about: "URL of the bucket: https://NAME.s3.REGION.amazonaws.com, or https://host/NAME elsewhere.",
    required: true,
  },
  region: {
    shape: text("a region", (value) =>
      /^[a-z0-9-]{1,64}$/.test(value) ? { value } : { problem: "this is no region", fix: "write eu-central-1" },
    ),
    about: "Region that requests are signed for.",
    default: "us-east-1",
  },
  prefix: {
    shape: text("a prefix", parsePrefix),
    about: "What the names of objects begin with, such as record/.",
  },
  accessKeyId: { shape: secret, about: "Id of the access key.", required: true },
  secretAccessKey: { shape: secret, about: "The access key, which may put objects and nothing else.", required: true },
  sessionToken: { shape: secret, about: "Token that belongs to a key that ends." },
});

const otlpShape = object<OtlpSinkInput>("an OTLP receiver", {
  endpoint: {
    shape: text("a URL", parseServiceUrl),
    about: "Where the receiver is, such as http://127.0.0.1:4318; /v1/logs comes behind it.",
    required: true,
  },
  protocol: { shape: choice(["http/protobuf", "http/json"]), about: "How it is written.", default: "http/protobuf" },
  compression: { shape: choice(["gzip", "none"]), about: "How it is packed.", default: "gzip" },
  headers,
});

const natsShape = object<NatsSinkInput>("NATS", {
  url: {
    shape: text("a server of NATS", parseNatsUrl),
    about: "tls://host[:port], or nats://host[:port] on this machine; 4222 where it says no port.",
    required: true,
  },
  subject: {
    shape: text("a subject", (value) =>
      /^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,15}$/.test(value)
        ? { value }
        : { problem: "this is no subject that messages are sent to", fix: "write gateway.record" },
    ),
    about: "Subject of each message; a stream of JetStream must take it.",
    required: true,
  },
  token: { shape: secret, about: "Token to log in with." },
  user: { shape: anyText, about: "Whom to log in as, with password." },
  password: { shape: secret, about: "Password of that user." },
  credentials: { shape: secret, about: "Content of a .creds file: JWT and seed." },
});

export const sinkShape: ObjectShape<SinkInput> = object<SinkInput>("a sink", {
  webhook: { shape: webhookShape, about: "A system that takes records as lines of JSON, signed." },
  s3: { shape: s3Shape, about: "A bucket of Amazon S3, or of what speaks like it." },
  otlp: { shape: otlpShape, about: "A receiver of OpenTelemetry's logs." },
  nats: { shape: natsShape, about: "A stream of NATS JetStream." },
  eventHub: { shape: located(eventHubShape), about: "A hub of Azure Event Hubs." },
  kafka: { shape: located(kafkaShape), about: "A topic of Apache Kafka, or of what speaks its protocol." },
  filter: { shape: filterShape, about: "CEL over a record: only those that match are sent. All when absent." },
  format: {
    shape: choice(["jsonl", "ocsf"]),
    about: "jsonl: lines as they stand in the record. ocsf: events of the Open Cybersecurity Schema Framework.",
    default: "jsonl",
  },
  from: {
    shape: choice(["now", "oldest"]),
    about: "Where a sink begins that is new here: with what comes, or with the oldest record that there is.",
    default: "now",
  },
  every: {
    shape: duration(100, 3600 * second),
    about: "How often what there is is sent; a full batch goes at once. 1s when absent, 60s of a bucket.",
  },
  records: { shape: integer(1, 50_000), about: "Records of one batch. 500 when absent, 20000 of a bucket." },
  timeout: { shape: duration(100, 120 * second), about: "How long an answer is waited for.", default: 10 * second },
  ca: {
    shape: located(anyText),
    about: "PEM file of authorities that its certificate may come from, besides the usual.",
  },
});
