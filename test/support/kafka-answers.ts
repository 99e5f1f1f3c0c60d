import { Buffer } from "node:buffer";

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** An answer of Metadata, version 1 or 2, whose one broker is said to be elsewhere. */
export function metadataOf(frame: Buffer, { host, port }: Place): Buffer {
  // Correlation id, number of brokers, id of the first one.
  const start = 12;
  const end = start + 2 + frame.readInt16BE(start) + 4;
  const name = Buffer.from(host);
  const place = Buffer.alloc(2 + name.length + 4);
  place.writeInt16BE(name.length);
  name.copy(place, 2);
  place.writeInt32BE(port, 2 + name.length);
  return Buffer.concat([frame.subarray(0, start), place, frame.subarray(end)]);
}

/** An answer of ApiVersions, below version 3, that has one more: version 0 of it. */
export function listApis(frame: Buffer, api: number): Buffer {
  // Correlation id, error, number of APIs.
  const [error, count] = [frame.readInt16BE(4), frame.readInt32BE(6)];
  if (error !== 0) return frame;
  const entry = Buffer.alloc(10);
  entry.writeInt32BE(count + 1);
  entry.writeInt16BE(api, 4);
  return Buffer.concat([frame.subarray(0, 6), entry, frame.subarray(10)]);
}
