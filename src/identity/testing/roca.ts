import { Buffer } from "node:buffer";

/** For tests: product of two numbers of the weak form, with the primorial that CVE-2017-15361 has for 2048 bits. */
export function rocaModulus(): Buffer {
  const primes: bigint[] = [];
  for (let n = 2n; n <= 701n; n += 1n) if (primes.every((prime) => n % prime !== 0n)) primes.push(n);
  const primorial = primes.reduce((product, prime) => product * prime, 1n);
  let power = 1n;
  for (let count = 0; count < 12_345; count += 1) power = (power * 65_537n) % primorial;
  const weak = (factor: bigint): bigint => factor * primorial + power;
  let product = weak((1n << 53n) + 5n) * weak((1n << 54n) + 9n);
  // The form survives multiplication by powers of the generator.
  while (product.toString(2).length < 2048) product *= 65_537n;
  const hex = product.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}
