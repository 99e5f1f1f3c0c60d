import { hash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthenticator } from "#identity/authenticate.ts";
import { sessionCookie, SessionIds } from "#identity/login/session-id.ts";
import { SessionReader } from "#identity/login/session-reader.ts";
import { providerOf } from "#identity/testing/doubles.ts";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import { answeredClient } from "#model/body.ts";
import { Exchange, type RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { ApiFacts } from "#model/snapshot.ts";
import { openStore } from "#storage/storage-client.ts";
import type { SessionRecord } from "#storage/sessions.ts";

/** What a session costs: a request on the worker that knows it, and 100,000 of them in the store. */
const many = 100_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const issuer = "https://login.example.com";
const provider = providerOf(issuer);
const ids = new SessionIds(createKeyedDigest(randomBytes(32)));
const clock = { now: () => Date.now(), mono: () => performance.now() };
const sessions = new SessionReader({
  ids,
  clock,
  providers: [provider],
  ask: async () => ({
    handle: "handle",
    provider: "corp",
    host: "app.example.com",
    claims: { iss: issuer, sub: "ada", name: "Ada", groups: ["staff"] },
    characters: 80,
    createdAt: Date.now(),
    endsAt: Date.now() + 3_600_000,
    idleMs: 1_800_000,
    seenAt: Date.now(),
    freshUntil: Date.now() + 60_000,
  }),
});
const nobody = { ok: false, reason: "token-malformed", detail: "" } as const;
const tokens = { verify: () => nobody, verifyBound: () => nobody };
const { authenticate } = createAuthenticator({ tokens, keys: { find: () => undefined }, sessions });
const id = ids.make({ bytes: (count) => randomBytes(count) });

/** As browsers send them. */
const fields = [
  ["Host", "app.example.com"],
  ["User-Agent", "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36"],
  ["Accept", "text/html,application/xhtml+xml"],
  ["Accept-Encoding", "gzip, br"],
  ["Accept-Language", "en"],
  ["Sec-Fetch-Site", "same-origin"],
  ["Sec-Fetch-Mode", "navigate"],
  ["Sec-Fetch-Dest", "document"],
];

function exchangeWith(cookie: string): Exchange {
  const raw = [...fields, ["Cookie", cookie]].flat();
  const facts = {
    method: "GET",
    host: "app.example.com",
    scheme: "https",
    authority: "app.example.com",
    upgrade: null,
    tls: null,
    query: "",
    path: "/",
    headers: new HeaderList(raw),
  };
  const exchange = new Exchange(facts as unknown as RequestFacts, { ...answeredClient });
  exchange.api = {
    login: true,
    subscriptionKey: { header: "ocp-apim-subscription-key", query: "subscription-key", forward: false },
  } as ApiFacts;
  return exchange;
}

function microseconds(cookie: string): number {
  const rounds = 200_000;
  let best = Infinity;
  for (let turn = 0; turn < 5; turn += 1) {
    const exchanges = Array.from({ length: rounds / 10 }, () => exchangeWith(cookie));
    const began = performance.now();
    for (let round = 0; round < rounds; round += 1) {
      const exchange = exchanges[round % exchanges.length] as Exchange;
      exchange.request.headers = exchange.facts.headers;
      void authenticate(exchange);
    }
    best = Math.min(best, ((performance.now() - began) * 1000) / rounds);
  }
  return best;
}

await authenticate(exchangeWith(`${sessionCookie}=${id}`));
const without = microseconds("theme=dark");
const withOne = microseconds(`theme=dark; ${sessionCookie}=${id}`);
say(`authenticate without a session: ${without.toFixed(2)} µs; with one that is known: ${withOne.toFixed(2)} µs`);

const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const store = await openStore(join(folder, "sallyport.db"));
const record = (number: number): SessionRecord => ({
  digest: hash("sha256", `session ${number}`, "buffer"),
  handle: `handle-${number}`,
  provider: "corp",
  host: "app.example.com",
  subject: `user-${number % 50_000}`,
  providerSession: `sid-${number}`,
  createdAt: Date.now(),
  seenAt: Date.now(),
  endsAt: Date.now() + 3_600_000,
  sealed: randomBytes(2000),
});
const began = performance.now();
for (let from = 0; from < many; from += 200) {
  await store.sessions.put(Array.from({ length: 200 }, (_, number) => record(from + number)));
}
say(
  `${many} sessions put, 200 a transaction: ${((performance.now() - began) / 1000).toFixed(1)} s, ${(statSync(join(folder, "sallyport.db")).size / 2 ** 20).toFixed(0)} MiB`,
);
const times: number[] = [];
for (let turn = 0; turn < 5000; turn += 1) {
  const asked = performance.now();
  const found = await store.sessions.find(record(Math.floor(Math.random() * many)).digest);
  if (found === null) throw new Error("a session is missing");
  times.push(performance.now() - asked);
}
times.sort((one, other) => one - other);
say(
  `found among them, over the storage thread: p50 ${((times[2500] ?? 0) * 1000).toFixed(0)} µs, p99 ${((times[4950] ?? 0) * 1000).toFixed(0)} µs`,
);
const ending = performance.now();
const ended = await store.sessions.removeMatching({ provider: "corp", subject: "user-7", providerSession: null }, 100);
say(`${ended.length} of one person ended: ${(performance.now() - ending).toFixed(1)} ms`);
await store.close();
rmSync(folder, { recursive: true, force: true });
