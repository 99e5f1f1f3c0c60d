import type { Compression } from "#model/compression.ts";
import type { CompressInput } from "#config/table/compress.ts";

export function buildCompression(input: CompressInput | undefined): Compression | null {
  if (input === undefined || input === "off") return null;
  const { minSize, ...rest } = input;
  return { ...rest, minBytes: minSize };
}
