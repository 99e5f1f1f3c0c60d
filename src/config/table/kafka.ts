import { parseBroker } from "#config/checks/broker.ts";
import { parseServiceUrl } from "#config/checks/urls.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { list } from "#config/shapes/list.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";
import type { KafkaBroker } from "#model/sinks.ts";

export interface KafkaOauthInput {
  readonly tokenUrl: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: SecretSource | undefined;
  readonly scopes: readonly string[];
}

export interface KafkaSinkInput {
  readonly brokers: readonly KafkaBroker[] | undefined;
  readonly topic: string | undefined;
  readonly tls: boolean;
  readonly partitionBy: "node" | "id";
  readonly compression: "gzip" | "none";
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | undefined;
  readonly user: string | undefined;
  readonly password: SecretSource | undefined;
  readonly token: SecretSource | undefined;
  readonly oauth: KafkaOauthInput | undefined;
  readonly certificate: Located<string> | undefined;
  readonly key: SecretSource | undefined;
}

const oauthShape = object<KafkaOauthInput>("OAuth for brokers", {
  tokenUrl: {
    shape: text("a URL", parseServiceUrl),
    about: "Token endpoint of the authorization server.",
    required: true,
  },
  clientId: { shape: anyText, about: "Client id of the gateway there.", required: true },
  clientSecret: { shape: secret, about: "The client's secret.", required: true },
  scopes: {
    shape: list(
      // RFC 6749 §3.3
      text("a scope", (value) =>
        /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value)
          ? { value }
          : { problem: "this is no scope", fix: "write one scope an item" },
      ),
    ),
    about: "Scopes to ask for.",
    default: [],
  },
});

export const kafkaShape: ObjectShape<KafkaSinkInput> = object<KafkaSinkInput>("Kafka", {
  brokers: {
    shape: list(text("a broker", parseBroker), 1),
    about: "host:port of brokers that are asked first; the cluster names the others.",
    required: true,
  },
  topic: {
    shape: text("a topic", (value) =>
      // What brokers take.
      /^[A-Za-z0-9._-]{1,249}$/.test(value) && !/^\.{1,2}$/.test(value)
        ? { value }
        : { problem: "this is no topic", fix: "write gateway-record" },
    ),
    about: "Topic of the messages; it must be there.",
    required: true,
  },
  tls: { shape: flag, about: "Whether TLS is spoken; false is for brokers on this machine.", default: true },
  partitionBy: {
    shape: choice(["node", "id"]),
    about: "Key of a message: node keeps the records of a gateway in one partition, in order; id spreads them.",
    default: "node",
  },
  compression: { shape: choice(["gzip", "none"]), about: "How a batch is packed.", default: "none" },
  mechanism: {
    shape: choice(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]),
    about: "How user and password are shown (SASL).",
  },
  user: { shape: anyText, about: "Whom to log in as, with mechanism and password." },
  password: { shape: secret, about: "Password of that user." },
  token: { shape: secret, about: "Bearer token to log in with (OAUTHBEARER)." },
  oauth: { shape: oauthShape, about: "Where bearer tokens to log in with come from (OAUTHBEARER)." },
  certificate: {
    shape: located(anyText),
    about: "PEM file with the client certificate (mTLS) and its chain; with key.",
  },
  key: { shape: secret, about: "Its private key, PEM." },
});
