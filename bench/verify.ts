import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { realDisk } from "#audit/disk.ts";
import { createSigner } from "#audit/merkle/checkpoint.ts";
import { createRecorder } from "#audit/record.ts";
import { verifyAudit } from "#audit/read/verify.ts";
import { openSegmentWriter } from "#audit/segment-writer.ts";
import { servedExchange } from "#audit/testing/exchange.ts";
import { attachRingReader } from "#threads/ring-reader.ts";
import { createRing } from "#threads/ring.ts";
import { attachRingWriter } from "#threads/ring-writer.ts";

/** What the writer thread costs a record, and how fast `audit verify` reads. CPU time of this thread: others use the machine. */
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

function write(): number {
  const { privateKey } = generateKeyPairSync("ed25519");
  const key = createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }));
  const clock = { now: () => Date.now(), mono: () => performance.now() };
  const writer = openSegmentWriter({
    directory: join(folder, "audit"),
    node: "gw-1",
    segmentBytes: 64 * 1024 * 1024,
    clock,
    signer: createSigner("sallyport/bench/1", key),
    disk: { ...realDisk, write: timed },
    onProblem: ({ message }) => process.stderr.write(`${message}\n`),
  });
  const recorder = createRecorder({ environment: "prod", node: "gw-1", configHash: "c".repeat(64), redactQuery: [] });
  const ring = createRing({ bytes: 8 * 1024 * 1024 });
  const [worker, reader] = [attachRingWriter(ring), attachRingReader(ring)];
  const exchange = servedExchange();
  const take = (record: Uint8Array): void => void writer.append(record);
  let spent = 0;
  writing = 0;
  for (let written = 0; written < records; written += 1000) {
    for (let count = 0; count < 1000; count += 1) worker.tryPush(recorder.encodeBytes(exchange, 1003.5 + count / 100));
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
const samples: number[] = [];
for (let round = 0; round < 3; round += 1) {
  const before = cpu();
  const { ok, bytes } = await verifyAudit(join(folder, "audit"));
  if (!ok) throw new Error("the record does not verify");
  samples.push(bytes / (cpu() - before));
}
process.stdout.write(`audit verify: ${Math.round(Math.max(...samples))} MB a second of CPU\n`);
rmSync(folder, { recursive: true });
