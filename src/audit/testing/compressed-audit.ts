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
  // A segment that a crash has left in both forms is done with, and says null as well.
  for (let idle = 0; idle < 2;) {
    const isDone = (await compressor.next()) === null;
    idle = isDone ? idle + 1 : 0;
    if (!isDone) segments += 1;
  }
  if (problems.length > 0) throw new Error(problems.join("; "));
  return segments;
}
