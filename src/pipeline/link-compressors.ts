import { type CoderRoom, Compressor } from "#content/compress.ts";
import type { Compression } from "#model/compression.ts";
import type { Route } from "#model/snapshot.ts";

/** By route id. Routes of one API share a compressor. */
export function linkCompressors(routes: readonly Route[], room: CoderRoom): readonly (Compressor | null)[] {
  const known = new Map<Compression, Compressor>();
  return routes.map(({ compression }) => {
    if (compression === null) return null;
    let compressor = known.get(compression);
    if (compressor === undefined) known.set(compression, (compressor = new Compressor(compression, room)));
    return compressor;
  });
}
