import { createRecorder } from "#audit/record.ts";
import { SharedTeller } from "#audit/shared/shared-teller.ts";
import { servedExchange } from "#audit/testing/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Subject } from "./subject.ts";

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

/** Writing one record as a worker does, short where it may be and whole. */
export const record: readonly Subject[] = [
  subject("a short record", "", true),
  subject("a whole record", "", false),
  subject("a short record with a query", "page=2&sort=name&filter=open", true),
  subject("a whole record with a query", "page=2&sort=name&filter=open", false),
];

function subject(name: string, query: string, isShort: boolean): Subject {
  return {
    group: "record",
    name,
    prepare: () => {
      const teller = isShort ? new SharedTeller(() => true) : undefined;
      const recorder = createRecorder({
        environment: "prod",
        node: "gw-1",
        configHash: "c".repeat(64),
        redactQuery: [],
      });
      const exchanges = exchangesOf(query);
      const encode = (at: number): Uint8Array =>
        recorder.encodeBytes(exchanges[at % exchanges.length] as Exchange, 1004.25 + at / 1000, teller);
      // The first one says what the others share.
      encode(0);
      return { run: (at) => void encode(at), note: `${encode(1).length} bytes` };
    },
  };
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
