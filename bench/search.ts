// `npm run bench:search [records]`: writes a record of that many requests over ten days, indexes it, and searches it, plain
// and compressed.
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Compressor } from "#audit/compress/compressor.ts";
import { Indexer } from "#audit/index/indexer.ts";
import { searchRecords } from "#audit/read/search.ts";
import type { SearchQuery } from "#audit/read/search-query.ts";
import { openSegmentWriter } from "#audit/segment-writer.ts";
import { isShort } from "#audit/shared/reference.ts";
import { person, servedExchange } from "#audit/testing/exchange.ts";
import { ShortWriting } from "#audit/testing/short-audit.ts";
import { createUuid7 } from "#lib/uuid7.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Principal } from "#model/principal.ts";
import { compileRecordFilter } from "#notation/cel/record-filter.ts";
import { openSearchIndex } from "#storage/sqlite/search-index.ts";

const records = Number(process.argv[2] ?? 10_000_000);
const people = 10_000;
const days = 10;
const dayMs = 86_400_000;
const began = Date.parse("2026-03-01T00:00:00Z");
const folder = mkdtempSync(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "sallyport-search-"));
const directory = join(folder, "audit");

const seconds = (from: number): string => ((performance.now() - from) / 1000).toFixed(1);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** One request after the other, written as a worker writes it: most of them short, what was refused whole. */
function exchanges(): (id: string, startedAt: number, who: number, denied: boolean) => Exchange {
  const everybody = Array.from({ length: people }, (_, at) => {
    const subject = `person-${at}`;
    return { ...person, id: `${person.issuer}|${person.tenant}|${subject}`, subject };
  });
  return (id, startedAt, who, denied) => {
    const exchange = servedExchange({ id, startedAt, path: `/orders/${startedAt % 1000}` });
    exchange.principal = everybody[who] as Principal;
    if (!denied) return exchange;
    exchange.refusal = { kind: "refusal", reason: "access-denied" };
    exchange.upstream = null;
    return exchange;
  };
}

/** xorshift32: the same record each time. */
function random(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

async function write(): Promise<string[]> {
  let now = began;
  const clock = { now: () => now, mono: () => performance.now() };
  const writer = openSegmentWriter({
    directory,
    node: "gw-1",
    segmentBytes: 64 * 1024 * 1024,
    clock,
    onProblem: () => {},
  });
  const next = random();
  const uuid = createUuid7(
    (count) => Buffer.alloc(count).map(() => Math.floor(next() * 256)),
    () => now,
  );
  const made = exchanges();
  const writing = new ShortWriting();
  const samples: string[] = [];
  let short = 0;
  for (let at = 0; at < records; at += 1) {
    now = began + Math.floor((at / records) * days * dayMs);
    const id = uuid();
    if (at % Math.ceil(records / 100) === 7) samples.push(id);
    // Half of all traffic comes from a hundredth of the people.
    const who = Math.floor(next() < 0.5 ? (next() * people) / 100 : next() * people);
    const line = writing.encode(made(id, now, who, next() < 0.01), 1003.5);
    if (isShort(line, 0, line.length)) short += 1;
    writer.append(line, 0, line.length, writing.slots);
    if (at % 10_000 === 0) writer.flush();
  }
  writer.close();
  say(`${((100 * short) / records).toFixed(0)} % of them short`);
  return samples;
}

function queryOf(filter: string, fromMs: number, toMs: number): SearchQuery {
  const compiled = compileRecordFilter(filter);
  if (!compiled.ok) throw new Error(compiled.problem.message);
  const { matches, required } = compiled.filter;
  return { fromMs, toMs, required, matches: (record) => matches(record as unknown as Record<string, unknown>) };
}

async function timed(name: string, queries: readonly SearchQuery[]): Promise<void> {
  const index = openSearchIndex(join(folder, "search.db"));
  const times: number[] = [];
  let found = 0;
  let bytes = 0;
  const before = process.cpuUsage();
  for (const query of queries) {
    const start = performance.now();
    const result = await searchRecords(directory, index, query, 100);
    times.push(performance.now() - start);
    found += result.records.length;
    bytes += result.bytes;
  }
  const { user, system } = process.cpuUsage(before);
  index.close();
  times.sort((one, other) => one - other);
  const at = (share: number): string => (times[Math.floor((times.length - 1) * share)] as number).toFixed(1);
  say(
    `${name}: median ${at(0.5)} ms, worst ${at(1)} ms, ${((user + system) / 1000 / queries.length).toFixed(1)} of CPU, ${found} found, ${(bytes / queries.length / 2 ** 20).toFixed(1)} MiB read each`,
  );
}

try {
  let start = performance.now();
  const ids = await write();
  say(`${records} records written in ${seconds(start)} s`);
  start = performance.now();
  const cpu = process.cpuUsage();
  const index = openSearchIndex(join(folder, "search.db"));
  const indexer = new Indexer({ directory, index });
  while ((await indexer.advance()) > 0);
  index.close();
  const { user, system } = process.cpuUsage(cpu);
  say(
    `indexed in ${seconds(start)} s: ${((user + system) / records).toFixed(2)} µs of CPU a record, ${(statSync(join(folder, "search.db")).size / 2 ** 20).toFixed(0)} MiB`,
  );
  await searchAll(ids);
  const compressor = new Compressor({ directory, onProblem: say });
  start = performance.now();
  while ((await compressor.next()) !== null);
  say(`compressed in ${seconds(start)} s; the same searches:`);
  await searchAll(ids);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function searchAll(ids: readonly string[]): Promise<void> {
  const all = { from: 0, to: Number.MAX_SAFE_INTEGER };
  await timed(
    "by request id",
    ids.map((id) => queryOf(`id == "${id}"`, all.from, all.to)),
  );
  const day = (at: number): [number, number] => [began + at * dayMs, began + (at + 1) * dayMs];
  const asked = (subject: string) =>
    Array.from({ length: days }, (_, at) => queryOf(`principal.subject == "${subject}"`, ...day(at)));
  await timed("by a busy principal and day", asked("person-7"));
  await timed("by a quiet principal and day", asked("person-7777"));
  await timed("by an unknown principal and day", asked("nobody"));
  await timed("denied ones of a quiet principal, all days", [
    queryOf('decision == "deny" && principal.subject == "person-7777"', all.from, all.to),
  ]);
}
