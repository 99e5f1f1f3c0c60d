/**
 * Names a family of counters: 32-bit, the same in every thread and process, so that a reload which does not touch a
 * limit does not forget its counts. Two families with one id are still apart unless calls and period agree too.
 */
export function limiterId(kind: string, calls: number, periodMs: number): number {
  const text = `${kind}:${calls}:${periodMs}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
