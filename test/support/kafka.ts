import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export interface KafkaMessage {
  readonly partition: number;
  readonly key: string;
  readonly id: string | undefined;
  readonly text: string;
}

export interface MockCluster {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  /** What a topic has, as librdkafka's consumer reads it: by partition, oldest first. */
  messages(topic: string): Promise<readonly KafkaMessage[]>;
  stop(): Promise<void>;
}

/**
 * The mock cluster of librdkafka, which kcat begins: a stand-in for brokers that the authors of that client test it with.
 * It speaks Kafka's protocol as brokers of 2.3 do, also to idempotent producers, and checks sequences; it has neither TLS
 * nor SASL, and makes topics when they are asked about.
 */
export async function mockCluster(brokers: number): Promise<MockCluster> {
  // It lasts as long as its input.
  const args = ["-P", "-b", "unused", "-t", "unused", "-X", `test.mock.num.brokers=${brokers}`, "-d", "mock"];
  const child = spawn("kcat", args, { stdio: ["pipe", "ignore", "pipe"] });
  const addresses = await bootstrapOf(child);
  return {
    brokers: addresses,
    messages: (topic) => messagesOf(addresses.join(","), topic),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

async function bootstrapOf(child: ChildProcess): Promise<readonly string[]> {
  if (child.stderr === null) throw new Error("kcat says nothing");
  const lines = createInterface(child.stderr);
  for await (const line of lines) {
    const [, list] = /bootstrap\.servers=(\S+)/.exec(line) ?? [];
    if (list === undefined) continue;
    child.stderr.resume();
    return list.split(",");
  }
  throw new Error("kcat began no cluster");
}

interface Envelope {
  readonly partition: number;
  readonly key: string;
  readonly headers?: readonly string[];
  readonly payload: string;
}

async function messagesOf(brokers: string, topic: string): Promise<readonly KafkaMessage[]> {
  const args = ["-C", "-b", brokers, "-t", topic, "-e", "-q", "-J", "-X", "fetch.wait.max.ms=10"];
  const { stdout } = await promisify(execFile)("kcat", args, { timeout: 20_000 });
  const envelopes = stdout.split("\n").filter((line) => line !== "");
  return envelopes
    .map((line) => JSON.parse(line) as Envelope)
    .toSorted((one, other) => one.partition - other.partition)
    .map(({ partition, key, headers = [], payload }) => {
      const at = headers.indexOf("id");
      return { partition, key, id: at === -1 ? undefined : headers[at + 1], text: payload };
    });
}
