import { Buffer } from "node:buffer";

/** How many spans, points or records a receiver has not taken, by the answer to a request that it took; 0 where it says nothing. */
export function rejectedOf(body: Uint8Array, json: boolean): number {
  try {
    return json ? fromJson(body) : fromProtobuf(body);
  } catch {
    return 0;
  }
}

function fromJson(body: Uint8Array): number {
  if (body.length === 0) return 0;
  const { partialSuccess = {} } = JSON.parse(Buffer.from(body).toString()) as {
    readonly partialSuccess?: {
      readonly rejectedSpans?: unknown;
      readonly rejectedDataPoints?: unknown;
      readonly rejectedLogRecords?: unknown;
    };
  };
  const { rejectedSpans, rejectedDataPoints, rejectedLogRecords } = partialSuccess;
  const count = Number(rejectedSpans ?? rejectedDataPoints ?? rejectedLogRecords ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** Field 1 is the partial success, whose field 1 is the count: both at the beginning, as every writer puts them. */
function fromProtobuf(body: Uint8Array): number {
  const [partial, length] = [0x0a, body[1] ?? 0];
  if (body[0] !== partial || length < 2 || length > 127 || body[2] !== 0x08) return 0;
  let count = 0;
  for (let at = 3, scale = 1; at < 2 + length; at += 1, scale *= 128) {
    const byte = body[at] ?? 0;
    count += (byte & 127) * scale;
    if (byte < 128) return Number.isSafeInteger(count) ? count : 0;
  }
  return 0;
}
