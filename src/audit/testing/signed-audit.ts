import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { type CheckpointSigner, createSigner } from "#audit/merkle/checkpoint.ts";
import { type LogKey, rawPublicKey, readLogKey, writeLogKey } from "#audit/merkle/log-key.ts";
import { ManualClock, openWriter, shortRecord } from "./doubles.ts";
import { readSegments, type WrittenAudit } from "./written-audit.ts";

export interface TestLogKey {
  readonly signer: CheckpointSigner;
  readonly key: LogKey;
  readonly text: string;
}

export function testLogKey(name = "sallyport/gw-1/1"): TestLogKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  return fromPrivate(name, privateKey);
}

function fromPrivate(name: string, privateKey: KeyObject): TestLogKey {
  const text = writeLogKey(name, rawPublicKey(createPublicKey(privateKey)));
  const key = readLogKey(text);
  if (key === undefined) throw new Error("a key that was written can be read");
  return { signer: createSigner(name, privateKey), key, text };
}

/** The pair of RFC 8032 §7.1, test 1: a fixed key for golden texts. */
export function fixedLogKey(name: string): TestLogKey {
  const pkcs8 = "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  return fromPrivate(name, createPrivateKey({ key: Buffer.from(pkcs8, "hex"), format: "der", type: "pkcs8" }));
}

export interface SignedAudit extends WrittenAudit {
  readonly key: LogKey;
  /** Every checkpoint that was on the disk, oldest first. */
  readonly notes: readonly string[];
}

/** A closed record of several segments, signed every few records. */
export function writeSignedAudit(folder: string, records = 30, segmentBytes = 4000): SignedAudit {
  const { signer, key } = testLogKey();
  const clock = new ManualClock();
  const notes: string[] = [];
  const writer = openWriter(folder, { segmentBytes, clock, signer, onCheckpoint: (note) => void notes.push(note) });
  for (let count = 0; count < records; count += 1) {
    writer.append(shortRecord(count, "x".repeat(count % 7)));
    clock.elapsed += 300;
    if (count % 3 === 2) writer.sync();
  }
  writer.close();
  return { folder, segments: readSegments(folder), key, notes };
}
