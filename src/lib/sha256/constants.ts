/** The first bits behind the point of square and cube roots of the first primes. @see FIPS 180-4 §4.2.2, §5.3.3 */
export const initialState: readonly number[] = primes(8).map((prime) => fraction(prime, 2n));
export const roundConstants: readonly number[] = primes(64).map((prime) => fraction(prime, 3n));

function primes(count: number): readonly bigint[] {
  const found: bigint[] = [];
  for (let candidate = 2n; found.length < count; candidate += 1n) {
    if (found.every((prime) => candidate % prime !== 0n)) found.push(candidate);
  }
  return found;
}

/** 32 bits of the root's fraction: the root of the number times 2^(32 × degree), without what is a multiple of 2^32. */
function fraction(value: bigint, degree: bigint): number {
  const scaled = value << (32n * degree);
  let root = 0n;
  // A root is below 2^5, so this many bits of it are looked for.
  for (let bit = 1n << 37n; bit > 0n; bit >>= 1n) {
    if ((root + bit) ** degree <= scaled) root += bit;
  }
  return Number(root & 0xffff_ffffn);
}
