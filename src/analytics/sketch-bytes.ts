import { lastBucket, Sketch } from "./sketch.ts";

/** Room that the bytes of any sketch find: two numbers a bucket, of which the second may have eight bytes. */
export const sketchBytesAtMost: number = (lastBucket + 1) * 10;

/** Writes the distance to the bucket before and the count of each that is not empty. @returns where the next byte goes */
export function writeSketch(sketch: Sketch, into: Uint8Array, start: number): number {
  let at = start;
  let before = 0;
  sketch.each((bucket, count) => {
    at = writeNumber(into, at, bucket - before);
    at = writeNumber(into, at, count);
    before = bucket;
  });
  return at;
}

/** Adds what was written to a sketch; what is not well-formed ends it there. */
export function addSketchBytes(sketch: Sketch, bytes: Uint8Array): void {
  const reader = { bytes, at: 0 };
  let bucket = 0;
  while (reader.at < bytes.length) {
    bucket += readNumber(reader);
    const count = readNumber(reader);
    if (bucket > lastBucket || count === 0) return;
    sketch.addTo(bucket, count);
  }
}

export function sketchBytes(sketch: Sketch): Uint8Array {
  const bytes = new Uint8Array(sketchBytesAtMost);
  return bytes.slice(0, writeSketch(sketch, bytes, 0));
}

export function readSketch(bytes: Uint8Array): Sketch {
  const sketch = new Sketch();
  addSketchBytes(sketch, bytes);
  return sketch;
}

/** Seven bits a byte, the lowest first; the last has its top bit clear. Numbers may pass 32 bits, so no shifts. */
function writeNumber(into: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 128) {
    into[at] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
    at += 1;
  }
  into[at] = rest;
  return at + 1;
}

function readNumber(reader: { readonly bytes: Uint8Array; at: number }): number {
  let value = 0;
  let scale = 1;
  while (reader.at < reader.bytes.length) {
    const byte = reader.bytes[reader.at] as number;
    reader.at += 1;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
  return 0;
}
