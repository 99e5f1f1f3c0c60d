import { parentPort, workerData } from "node:worker_threads";
import { managedIdentity } from "#app/managed-identity.ts";
import type { AddressesOf } from "#audit/sinks/kafka-gate.ts";
import { createClock } from "#threads/clock.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import type { FromSinks, SinksConfig, SinksStart, ToSinks } from "./messages.ts";
import { brokerAddresses } from "./broker-addresses.ts";
import { dialCheck } from "./may-dial.ts";
import { type OpenSink, openSink } from "./open-sink.ts";

interface Running extends OpenSink {
  /** What it was made of. */
  readonly of: string;
  readonly closeEgress: () => void;
}

/** Entry of the thread that gives the record to others. It reads what is on the disk, and asks nothing of who serves requests. */
const start = workerData as SinksStart;
const clock = createClock();
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** What it has to say comes with the failure of a sink. */
const identity = managedIdentity(clock, quiet);
const running = new Map<string, Running>();
/** One change after the other: two sinks of one name would move one cursor. */
let turn: Promise<void> = Promise.resolve();

async function use(config: SinksConfig): Promise<void> {
  const made = new Map(config.sinks.map((sink) => [sink.name, JSON.stringify({ ...config, sinks: sink })]));
  await closeAll(
    [...running].filter(([name, { of }]) => made.get(name) !== of).map(([name]) => name),
    false,
  );
  for (const sink of config.sinks) {
    if (!running.has(sink.name)) running.set(sink.name, begin(sink, config, made.get(sink.name) ?? ""));
  }
}

function begin(settings: SinksConfig["sinks"][number], { resource, ownAddresses }: SinksConfig, of: string): Running {
  const egress = createEgress({ allow: [], ownAddresses, clock });
  const tell = (news: FromSinks["news"]): void =>
    parentPort?.postMessage({ sink: settings.name, news } satisfies FromSinks);
  const mayDial = dialCheck(ownAddresses);
  const brokers = (isHere: boolean): AddressesOf => brokerAddresses(ownAddresses, isHere);
  const open = openSink(settings, start, { egress, clock, resource, identity, mayDial, brokers, onNews: tell });
  return { of, ...open, closeEgress: () => egress.close?.() };
}

async function closeAll(names: readonly string[], last: boolean): Promise<void> {
  await Promise.all(
    names.map(async (name) => {
      const one = running.get(name);
      await one?.sink.close(last);
      await one?.delivery.close?.();
      one?.closeEgress();
      running.delete(name);
    }),
  );
}

async function hear(message: ToSinks): Promise<void> {
  if (message.type === "use") return use(message.config);
  await closeAll([...running.keys()], true);
  parentPort?.close();
}

parentPort?.on("message", (message: ToSinks) => {
  turn = turn.then(() => hear(message));
});
