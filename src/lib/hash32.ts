/** Spreads the bits of a 32-bit integer over all of it: the finalizer of MurmurHash3. @returns 0 to 2³² − 1 */
export function mix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Hash of a text's UTF-16 units (FNV-1a, mixed): the same in every thread and after a restart. Not keyed, so whoever
 * chooses texts can make them collide.
 *
 * @returns 0 to 2³² − 1
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix32(hash);
}
