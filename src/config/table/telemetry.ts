import { parseServiceUrl } from "#config/checks/urls.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { decimal, duration } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";
import { fieldName } from "./backend-credentials.ts";

export interface OtlpInput {
  readonly endpoint: string | undefined;
  readonly protocol: "http/protobuf" | "http/json";
  readonly compression: "gzip" | "none";
  readonly headers: readonly Named<SecretSource>[];
  readonly timeout: number;
  readonly ca: Located<string> | undefined;
  readonly traces: boolean;
  readonly ratio: number;
  readonly parent: "follow" | "ignore";
  readonly metrics: boolean;
  readonly interval: number;
  readonly resource: readonly Named<string>[];
}

export interface TelemetryInput {
  readonly otlp: OtlpInput | undefined;
}

const second = 1000;

const attributeName = {
  pattern: "^[a-z][a-z0-9_.]{0,127}$",
  fix: "write the name of an attribute, such as service.namespace",
} as const;

const otlpShape: ObjectShape<OtlpInput> = object<OtlpInput>("telemetry.otlp", {
  endpoint: {
    shape: text("a URL", parseServiceUrl),
    about: "Where the receiver is, such as http://127.0.0.1:4318; /v1/traces and /v1/metrics come behind it.",
    required: true,
  },
  protocol: {
    shape: choice(["http/protobuf", "http/json"]),
    about: "How it is written.",
    default: "http/protobuf",
  },
  compression: { shape: choice(["gzip", "none"]), about: "How it is packed.", default: "gzip" },
  headers: {
    shape: record("header fields", secret, fieldName),
    about: "Header fields of each call, each from { env: … } or { file: … }.",
    default: [],
  },
  timeout: { shape: duration(100, 60 * second), about: "How long the receiver is waited for.", default: 10 * second },
  ca: {
    shape: located(anyText),
    about: "PEM file of authorities that its certificate may come from, besides the usual.",
  },
  traces: { shape: flag, about: "Send traces.", default: true },
  ratio: {
    shape: decimal(0, 1),
    about: "Share of the traces that begin here and are sent, from 0 to 1.",
    default: 0.05,
  },
  parent: {
    shape: choice(["follow", "ignore"]),
    about: "follow: a request that is part of a trace stays so, sent or not as that says. ignore: each begins its own.",
    default: "follow",
  },
  metrics: { shape: flag, about: "Send metrics.", default: true },
  interval: { shape: duration(second, 3600 * second), about: "How often metrics are sent.", default: 60 * second },
  resource: {
    shape: record("attributes", anyText, attributeName),
    about: "Attributes of the resource beside ours.",
    default: [],
  },
});

export const telemetryShape: ObjectShape<TelemetryInput> = object<TelemetryInput>("telemetry", {
  otlp: { shape: otlpShape, about: "Traces and metrics by OpenTelemetry's protocol." },
});
