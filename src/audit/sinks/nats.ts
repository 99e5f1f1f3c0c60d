import { Buffer } from "node:buffer";
import { getCACertificates } from "node:tls";
import { jetstream, type JetStreamClient } from "@nats-io/jetstream";
import { connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import type { NatsTarget } from "#model/sinks.ts";
import { recordUid } from "#audit/record-uid.ts";
import type { Deliver } from "./delivery.ts";

export interface NatsPorts {
  /** Rejects where the definition's word does not reach: the client dials by itself. */
  readonly mayDial: (host: string, port: number) => Promise<void>;
  readonly timeoutMs: number;
  readonly ca: string | null;
}

/** Records as messages of JetStream: each is acknowledged, and has an id of its own, by which a stream leaves out copies. */
export class NatsDelivery {
  readonly #target: NatsTarget;
  readonly #ports: NatsPorts;
  #connection: NatsConnection | null = null;

  constructor(target: NatsTarget, ports: NatsPorts) {
    this.#target = target;
    this.#ports = ports;
  }

  readonly send: Deliver = async (records) => {
    try {
      const stream = await this.#stream();
      const options = { timeout: this.#ports.timeoutMs, retries: 0 };
      const { subject } = this.#target;
      await Promise.all(
        records.map(({ text, record }) => stream.publish(subject, text, { ...options, msgID: recordUid(record) })),
      );
      return { outcome: "taken", rejected: 0, why: null };
    } catch (error) {
      await this.close();
      // The kind alone: what a server answers is its own text.
      return { outcome: "retry", why: error instanceof Error ? error.name : "it failed" };
    }
  };

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close().catch(() => undefined);
  }

  async #stream(): Promise<JetStreamClient> {
    if (this.#connection?.isClosed() !== false) this.#connection = await this.#connect();
    return jetstream(this.#connection, { timeout: this.#ports.timeoutMs });
  }

  async #connect(): Promise<NatsConnection> {
    const { host, port, secure } = this.#target;
    const { mayDial, timeoutMs, ca } = this.#ports;
    await mayDial(host, port);
    return connect({
      servers: `${host.includes(":") ? `[${host}]` : host}:${port}`,
      name: "sallyport",
      timeout: timeoutMs,
      // Whoever sends tries again, and goes where the definition says and nowhere else.
      reconnect: false,
      ignoreClusterUpdates: true,
      ...(secure ? { tls: ca === null ? {} : { ca: [...getCACertificates("default"), ca].join("\n") } } : {}),
      ...loginOf(this.#target),
    });
  }
}

function loginOf({ login }: NatsTarget): object {
  if (login === null) return {};
  if ("token" in login) return { token: login.token.value };
  if ("user" in login) return { user: login.user, pass: login.password.value };
  return { authenticator: credsAuthenticator(Buffer.from(login.credentials.value)) };
}
