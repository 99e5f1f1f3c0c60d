import type { Logger } from "./definition.ts";
import type { MarkedSecret } from "./marked-secret.ts";

/** A header field whose value is a secret. */
export interface SecretField extends MarkedSecret {
  readonly name: string;
}

export interface WebhookTarget {
  readonly kind: "webhook";
  readonly url: string;
  /** Signs each call. @see https://www.standardwebhooks.com */
  readonly secret: MarkedSecret;
  readonly headers: readonly SecretField[];
}

export interface S3Target {
  readonly kind: "s3";
  /** URL of the bucket, in either style, without a slash at its end. */
  readonly bucket: string;
  readonly region: string;
  /** In front of each object's name. */
  readonly prefix: string;
  readonly accessKeyId: MarkedSecret;
  readonly secretAccessKey: MarkedSecret;
  readonly sessionToken: MarkedSecret | null;
}

export interface OtlpTarget {
  readonly kind: "otlp";
  /** Without a slash at its end; `/v1/logs` comes behind it. */
  readonly endpoint: string;
  readonly protocol: "http/protobuf" | "http/json";
  readonly compression: "gzip" | "none";
  readonly headers: readonly SecretField[];
}

/** A subject of NATS whose messages a stream of JetStream keeps. */
export interface NatsTarget {
  readonly kind: "nats";
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly subject: string;
  /** Null: nobody in particular. */
  readonly login:
    | { readonly token: MarkedSecret }
    | { readonly user: string; readonly password: MarkedSecret }
    /** What `nsc` writes: a JWT and the seed of its key. */
    | { readonly credentials: MarkedSecret }
    | null;
}

export interface EventHubTarget {
  readonly kind: "eventHub";
  /** Of the hub's messages. */
  readonly url: string;
  readonly sender: NonNullable<Logger["sender"]>;
}

export interface KafkaBroker {
  readonly host: string;
  readonly port: number;
}

/** How one logs in to brokers: SASL. */
export type KafkaLogin =
  | {
      readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
      readonly user: string;
      readonly password: MarkedSecret;
    }
  /** A token that was given. */
  | { readonly mechanism: "OAUTHBEARER"; readonly token: MarkedSecret }
  /** Tokens for the client's credentials. RFC 6749 §4.4 */
  | {
      readonly mechanism: "OAUTHBEARER";
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: MarkedSecret;
      readonly scopes: readonly string[];
    };

/** A topic of Kafka, or of what speaks its protocol. */
export interface KafkaTarget {
  readonly kind: "kafka";
  /** Who is asked first; the cluster names the others. */
  readonly brokers: readonly KafkaBroker[];
  readonly secure: boolean;
  readonly topic: string;
  /** What decides the partition: all of a node in one, in order, or each record by its id. */
  readonly partitionBy: "node" | "id";
  readonly compression: "gzip" | "none";
  /** Null: nobody in particular, or whom the certificate is of. */
  readonly login: KafkaLogin | null;
  /** What TLS shows. PEM. */
  readonly certificate: { readonly chainPem: string; readonly key: MarkedSecret } | null;
}

export type SinkTarget = WebhookTarget | S3Target | OtlpTarget | NatsTarget | EventHubTarget | KafkaTarget;

/** Somebody else who gets the record, each record at least once. */
export interface RecordSinkSettings {
  readonly name: string;
  /** CEL over a record; null: all of them. */
  readonly filter: string | null;
  /** `jsonl`: lines as they stand in the record. `ocsf`: events of the Open Cybersecurity Schema Framework. */
  readonly format: "jsonl" | "ocsf";
  /** Where one begins that is new here. */
  readonly from: "now" | "oldest";
  /** How often what there is is sent, in milliseconds; a full batch goes at once. */
  readonly everyMs: number;
  /** Of one batch. */
  readonly records: number;
  readonly timeoutMs: number;
  /** PEM of authorities that its certificate may come from besides; null: those of the machine. */
  readonly ca: string | null;
  readonly target: SinkTarget;
}
