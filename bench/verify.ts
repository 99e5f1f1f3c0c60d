import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { createPrivateKey, generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import { Compressor } from "#audit/compress/compressor.ts";
import { realDisk } from "#audit/disk.ts";
import { createSigner } from "#audit/merkle/checkpoint.ts";
import { createRecorder } from "#audit/record.ts";
import { verifyAudit } from "#audit/read/verify.ts";
import { openSegmentWriter, type SegmentWriter } from "#audit/segment-writer.ts";
import { SharedSlots } from "#audit/shared/shared-slots.ts";
import { SharedTeller } from "#audit/shared/shared-teller.ts";
import { servedExchange } from "#audit/testing/exchange.ts";
import { createUuid7 } from "#lib/uuid7.ts";
import { attachRingReader } from "#threads/ring-reader.ts";
import { createRing } from "#threads/ring.ts";
import { attachRingWriter } from "#threads/ring-writer.ts";

/**
 * What the writer thread costs a record, what compressing one costs, and how fast `audit verify` reads either form. CPU
 * time of this thread: others use the machine.
 */
const records = Number(process.argv[2] ?? 300_000);
let writing = 0;
const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));

function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function timed(file: number, bytes: Buffer, offset: number): number {
  const before = cpu();
  const taken = realDisk.write(file, bytes, offset);
  writing += cpu() - before;
  return taken;
}

const recorder = createRecorder({ environment: "prod", node: "gw-1", configHash: "c".repeat(64), redactQuery: [] });

function open(name: string): SegmentWriter {
  const { privateKey } = generateKeyPairSync("ed25519");
  const key = createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }));
  const clock = { now: () => Date.now(), mono: () => performance.now() };
  return openSegmentWriter({
    directory: join(folder, name),
    node: "gw-1",
    segmentBytes: 64 * 1024 * 1024,
    clock,
    signer: createSigner("sallyport/bench/1", key),
    disk: { ...realDisk, write: timed },
    onProblem: ({ message }) => process.stderr.write(`${message}\n`),
  });
}

function write(): number {
  const writer = open("audit");
  const ring = createRing({ bytes: 8 * 1024 * 1024 });
  const [worker, reader] = [attachRingWriter(ring), attachRingReader(ring)];
  const exchange = servedExchange();
  const teller = new SharedTeller((frame) => worker.tryPush(frame) !== 0);
  const slots = new SharedSlots();
  const take = (bytes: Buffer, start: number, end: number): void => void writer.append(bytes, start, end, slots);
  let spent = 0;
  writing = 0;
  for (let written = 0; written < records; written += 1000) {
    for (let count = 0; count < 1000; count += 1) {
      worker.tryPush(recorder.encodeBytes(exchange, 1003.5 + count / 100, teller));
    }
    const before = cpu();
    reader.drain(2048, take);
    writer.flush();
    spent += cpu() - before;
  }
  writer.close();
  return spent / records;
}

const spent = write();
const system = writing / records;
process.stdout.write(
  `the writer thread: ${spent.toFixed(2)} µs a record without syncs, ${system.toFixed(2)} of it the system's for writing\n`,
);

/** Of many people, with all in it that differs from request to request: what is all alike compresses as nothing does. */
function writeVaried(): void {
  const writer = open("varied");
  const newId = createUuid7(randomBytes, Date.now);
  const usual = JSON.parse(recorder.encodeRecord(servedExchange(), 1003.5)) as Record<string, unknown>;
  for (let count = 0; count < records; count += 1) {
    const subject = `person-${randomInt(10_000)}`;
    const principal = { ...(usual["principal"] as object), id: `https://login.example.com|t1|${subject}`, subject };
    const handovers = (usual["handovers"] as readonly object[]).map((one) => ({ ...one, micros: randomInt(3000) }));
    const token = { tokenId: randomBytes(12).toString("hex"), tokenDigest: randomBytes(32).toString("base64url") };
    const traceparent = `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
    const request = {
      path: `/orders/${randomInt(1e6)}`,
      bytesOut: randomInt(10_000),
      durationMs: randomInt(50_000) / 1000,
    };
    const time = new Date().toISOString();
    const record = { ...usual, id: newId(), time, principal, ...token, handovers, ...request, traceparent };
    writer.append(Buffer.from(JSON.stringify(record)));
    if (count % 1000 === 0) writer.flush();
  }
  writer.close();
}

async function compress(): Promise<void> {
  const directory = join(folder, "varied");
  const compressor = new Compressor({ directory, onProblem: (message) => process.stderr.write(`${message}\n`) });
  const all = { textBytes: 0, bytes: 0 };
  const began = cpu();
  for (let one = await compressor.next(); one !== null; one = await compressor.next()) {
    all.textBytes += one.textBytes;
    all.bytes += one.bytes;
  }
  const taken = cpu() - began;
  const share = (all.bytes / all.textBytes) * 100;
  const speed = Math.round(all.textBytes / taken);
  process.stdout.write(
    `compressing: to ${share.toFixed(1)} %, ${speed} MB a second of CPU, ${(1300 / speed).toFixed(2)} µs a record of 1.3 kB\n`,
  );
}

async function verify(name: string): Promise<void> {
  const samples: number[] = [];
  let read = 0;
  for (let round = 0; round < 3; round += 1) {
    const before = cpu();
    const { ok, bytes, records: lines } = await verifyAudit(join(folder, name));
    if (!ok) throw new Error("the record does not verify");
    const taken = cpu() - before;
    samples.push(bytes / taken);
    read = Math.max(read, lines / taken);
  }
  process.stdout.write(
    `audit verify, ${name}: ${Math.round(Math.max(...samples))} MB, ${Math.round(read * 1000)} thousand records a second of CPU\n`,
  );
}

await verify("audit");
writeVaried();
await verify("varied");
await compress();
await verify("varied");
rmSync(folder, { recursive: true });
