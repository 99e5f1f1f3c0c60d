import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { freePorts } from "./free-port.ts";

export interface NatsServer {
  readonly port: number;
  /** Makes a stream that takes a subject. */
  makeStream(subject: string): Promise<void>;
  /** What it has, oldest first: text, and the id by which it leaves out copies. */
  messages(): Promise<readonly { readonly text: string; readonly id: string }[]>;
  start(): Promise<void>;
  stop(): Promise<void>;
  cleanUp(): Promise<void>;
}

export interface NatsTls {
  /** PEM, for `localhost`. */
  readonly certificate: string;
  readonly key: string;
}

/** A real nats-server with JetStream, for one user. */
export async function natsServer(user: string, password: string, tls?: NatsTls): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-nats-"));
  const [port = 0] = await freePorts(1);
  const text = `listen: "127.0.0.1:${port}"
jetstream: { store_dir: "${folder}", max_mem: 16MB, max_file: 64MB }
authorization: { user: "${user}", password: "${password}" }
`;
  const [certificate, key] = [join(folder, "tls.crt"), join(folder, "tls.key")];
  const secured = tls === undefined ? "" : `tls: { cert_file: "${certificate}", key_file: "${key}" }\n`;
  writeFileSync(certificate, tls?.certificate ?? "");
  writeFileSync(key, tls?.key ?? "");
  writeFileSync(join(folder, "nats.conf"), text + secured);
  let child: ChildProcess | null = null;
  const client = (): ReturnType<typeof connect> =>
    connect({
      servers: `localhost:${port}`,
      user,
      pass: password,
      reconnect: false,
      ...(tls === undefined ? {} : { tls: { ca: tls.certificate } }),
    });
  const stop = async (): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    running.kill("SIGKILL");
    await once(running, "exit");
  };
  return {
    port,
    start: async () => {
      child = spawn("nats-server", ["-c", join(folder, "nats.conf")], { stdio: "ignore" });
      for (let tries = 0; ; tries += 1) {
        try {
          await (await client()).close();
          return;
        } catch (error) {
          if (tries > 100) throw error;
          await sleep(50);
        }
      }
    },
    stop,
    makeStream: async (subject) => {
      const connection = await client();
      const manager = await jetstreamManager(connection);
      await manager.streams.add({ name: "RECORD", subjects: [subject] });
      await connection.close();
    },
    messages: async () => {
      const connection = await client();
      const manager = await jetstreamManager(connection);
      const { state } = await manager.streams.info("RECORD");
      const found: { text: string; id: string }[] = [];
      for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq += 1) {
        const message = await manager.streams.getMessage("RECORD", { seq });
        if (message !== null) found.push({ text: message.string(), id: message.header.get("Nats-Msg-Id") });
      }
      await connection.close();
      return found;
    },
    cleanUp: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
