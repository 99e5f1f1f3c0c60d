import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import type { TransformJobs } from "./jobs.ts";

/** What many jobs share: a stylesheet, a schema. */
export interface TransformAsset {
  /** A digest of what it holds, so that another one never passes for it. */
  readonly key: string;
  readonly value: object;
}

/** Where work is done that takes too long for a worker: on threads beside it, which can be stopped. */
export interface Transforms {
  /** Bodies of so many bytes, and longer ones, are worked on there; shorter ones here, in slices. */
  readonly fromBytes: number;
  /**
   * @param bytes of the body, by which time is granted
   * @throws GatewayError `transform-busy`, `transform-stopped`, or what the work throws
   */
  run<Name extends keyof TransformJobs>(
    name: Name,
    request: TransformJobs[Name]["request"],
    bytes: number,
    asset?: TransformAsset,
  ): Promise<TransformJobs[Name]["response"]>;
}

export function assetOf(value: object): TransformAsset {
  return { key: createHash("sha256").update(JSON.stringify(value)).digest("base64"), value };
}

/** With a buffer to itself: one that crosses to another thread takes its whole buffer along. */
export function ownBytes(body: Uint8Array): Uint8Array {
  return new Uint8Array(body);
}

/** The same bytes. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
