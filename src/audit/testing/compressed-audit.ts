import { Compressor } from "#audit/compress/compressor.ts";

/** Compresses every segment but the newest. */
export async function compressAll(directory: string, frameBytes?: number): Promise<number> {
  const problems: string[] = [];
  const compressor = new Compressor({
    directory,
    ...(frameBytes && { frameBytes }),
    onProblem: (message) => problems.push(message),
  });
  await compressor.sweep();
  let segments = 0;
  while ((await compressor.next()) !== null) segments += 1;
  if (problems.length > 0) throw new Error(problems.join("; "));
  return segments;
}
