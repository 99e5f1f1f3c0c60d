import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { getCACertificates } from "node:tls";
import type { ConnectionOptions } from "node:tls";
import type { Producer } from "@platformatic/kafka";
import type { KafkaTarget } from "#model/sinks.ts";
import { recordUid } from "#audit/record-uid.ts";
import type { Deliver, SentRecord } from "./delivery.ts";
import { BrokerGate, type AddressesOf } from "./kafka-gate.ts";
import { kafkaFailure } from "./kafka-failure.ts";

export interface KafkaPorts {
  readonly addressesOf: AddressesOf;
  /** Of a login by `oauth`. */
  readonly token: () => string | Promise<string>;
  /** This gateway among others. */
  readonly node: string;
  readonly timeoutMs: number;
  readonly ca: string | null;
}

type Bytes = Producer<Buffer, Buffer, Buffer, Buffer>;

const idHeader = Buffer.from("id");
const retries = { retries: 2, retryDelay: 100 } as const;
/** A connection that does not end by itself is cut off. */
const closeMs = 500;

/**
 * Records as messages of Kafka: all replicas that are in step have a batch before it counts as taken, and what is sent
 * again by one producer is written once. The header `id` has the record's id, for what another producer sends again.
 */
export class KafkaDelivery {
  readonly #target: KafkaTarget;
  readonly #ports: KafkaPorts;
  #producer: Bytes | null = null;

  constructor(target: KafkaTarget, ports: KafkaPorts) {
    this.#target = target;
    this.#ports = ports;
  }

  readonly send: Deliver = async (records) => {
    const late = new AbortController();
    try {
      this.#producer ??= await this.#make();
      const messages = records.map((record) => this.#messageOf(record));
      const { compression } = this.#target;
      await Promise.race([this.#producer.send({ messages, acks: -1, compression }), this.#timeout(late.signal)]);
      return { outcome: "taken", rejected: 0, why: null };
    } catch (error) {
      // A new one begins without what it may believe of the cluster, and with numbers of its own.
      await this.close();
      return kafkaFailure(error);
    } finally {
      late.abort();
    }
  };

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    if (producer === null) return;
    const connections = [...producer.connections].map(([, connection]) => connection);
    await Promise.race([producer.close(true).catch(() => undefined), sleep(closeMs, undefined, { ref: false })]);
    for (const connection of connections) connection.socket?.destroy();
  }

  /** Loaded where it is used: it takes a second and 60 MB. */
  async #make(): Promise<Bytes> {
    const { Producer, NetworkError } = await import("@platformatic/kafka");
    const { brokers, secure } = this.#target;
    const { addressesOf, timeoutMs } = this.#ports;
    const gate = new BrokerGate(brokers, addressesOf, NetworkError);
    const producer: Bytes = new Producer({
      clientId: "sallyport",
      bootstrapBrokers: brokers.map(({ host, port }) => ({ host, port })),
      idempotent: true,
      // None yet, in the words of the protocol: it is asked for.
      producerId: -1n,
      producerEpoch: -1,
      autocreateTopics: false,
      timeout: timeoutMs,
      connectTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      ...retries,
      ...(secure ? { tls: this.#tls(gate), tlsServerName: true } : {}),
      ...this.#sasl(),
    });
    gate.guard(producer.connections);
    return producer;
  }

  #tls(gate: BrokerGate): ConnectionOptions {
    const { ca } = this.#ports;
    const { certificate } = this.#target;
    return {
      minVersion: "TLSv1.2",
      lookup: gate.lookup,
      ...(ca === null ? {} : { ca: [...getCACertificates("default"), ca] }),
      ...(certificate === null ? {} : { cert: certificate.chainPem, key: certificate.key.value }),
    };
  }

  #sasl(): Pick<ConstructorParameters<typeof Producer>[0], "sasl"> {
    const { login } = this.#target;
    if (login === null) return {};
    if (login.mechanism !== "OAUTHBEARER") {
      const { mechanism, user: username, password } = login;
      return { sasl: { mechanism, username, password: password.value } };
    }
    const token = "token" in login ? login.token.value : this.#ports.token;
    return { sasl: { mechanism: "OAUTHBEARER", token } };
  }

  #messageOf({ record, text }: SentRecord) {
    const { topic, partitionBy } = this.#target;
    const key = Buffer.from(partitionBy === "id" ? record.id : this.#ports.node);
    return { topic, key, value: Buffer.from(text), headers: new Map([[idHeader, Buffer.from(recordUid(record))]]) };
  }

  async #timeout(signal: AbortSignal): Promise<never> {
    await sleep(this.#ports.timeoutMs, undefined, { signal });
    throw new Error("timeout");
  }
}
