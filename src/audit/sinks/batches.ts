import type { SentRecord } from "./delivery.ts";

/** In order, of so many records and bytes at most; one that is larger goes alone. */
export function batchesOf(
  records: readonly SentRecord[],
  most: { readonly records: number; readonly bytes: number },
): readonly (readonly SentRecord[])[] {
  const batches: SentRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    const batch = batches.at(-1);
    const length = Buffer.byteLength(record.text) + 1;
    if (batch === undefined || batch.length >= most.records || bytes + length > most.bytes) {
      batches.push([record]);
      bytes = length;
    } else {
      batch.push(record);
      bytes += length;
    }
  }
  return batches;
}
