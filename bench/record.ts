import { createRecorder } from "#audit/record.ts";
import { SharedTeller } from "#audit/shared/shared-teller.ts";
import { servedExchange } from "#audit/testing/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Exchange } from "#model/exchange.ts";

/** Nanoseconds of this thread's CPU for writing one record, and its size. The least of several: others use the machine too. */
const rounds = 400_000;

const plainHeaders = new HeaderList([
  "accept",
  "*/*",
  "user-agent",
  "bench",
  "authorization",
  "Bearer x",
  "accept-encoding",
  "gzip",
]);

function measure(
  exchanges: readonly Exchange[],
  teller: SharedTeller | undefined,
): { readonly nanoseconds: number; readonly bytes: number } {
  const recorder = createRecorder({ environment: "prod", node: "gw-1", configHash: "c".repeat(64), redactQuery: [] });
  let bytes = 0;
  const run = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      bytes = recorder.encodeBytes(exchanges[at % exchanges.length] as Exchange, 1004.25 + at / 1000, teller).length;
    }
  };
  run(100_000);
  const samples = Array.from({ length: 9 }, () => {
    const before = process.threadCpuUsage();
    run(rounds / 8);
    const { user, system } = process.threadCpuUsage(before);
    return ((user + system) * 1000) / (rounds / 8);
  });
  return { nanoseconds: Math.round(Math.min(...samples)), bytes };
}

/** As requests differ: their ids, paths and times. */
function exchangesOf(query: string): readonly Exchange[] {
  return Array.from({ length: 64 }, (_, at) =>
    servedExchange({
      id: `019ca8f4-d2${String(at).padStart(2, "0")}-7000-8000-0000000000${String(at).padStart(2, "0")}`,
      path: `/orders/${at * 7919}`,
      target: `/orders/${at * 7919}`,
      query,
      headers: plainHeaders,
    }),
  );
}

for (const [name, query] of [
  ["without a query", ""],
  ["with a query", "page=2&sort=name&filter=open"],
] as const) {
  for (const form of ["short", "whole"]) {
    const teller = form === "short" ? new SharedTeller(() => true) : undefined;
    const { nanoseconds, bytes } = measure(exchangesOf(query), teller);
    process.stdout.write(`a ${form} record ${name}: ${nanoseconds} ns, ${bytes} bytes\n`);
  }
}
