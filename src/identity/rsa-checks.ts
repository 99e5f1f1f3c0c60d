const smallestModulus = 2048;
/** Verification time grows with the square of the size; no provider has larger keys. */
const largestModulus = 8192;
const largestExponent = 0xffff_ffffn;

/** Primes up to 167: what the weak generator's primes give away themselves by. */
const marks: readonly bigint[] = [
  3n,
  5n,
  7n,
  11n,
  13n,
  17n,
  19n,
  23n,
  29n,
  31n,
  37n,
  41n,
  43n,
  47n,
  53n,
  59n,
  61n,
  67n,
  71n,
  73n,
  79n,
  83n,
  89n,
  97n,
  101n,
  103n,
  107n,
  109n,
  113n,
  127n,
  131n,
  137n,
  139n,
  149n,
  151n,
  157n,
  163n,
  167n,
];

const generator = 65_537n;

/**
 * Says what is wrong with an RSA public key, or undefined.
 * - below 2048 bits (RFC 7518 §3.3), or so large that verifying is an attack on us;
 * - exponent 1 makes every "signature" its own message; even exponents are no RSA at all;
 * - ROCA (CVE-2017-15361): primes of the form k·M + (65537^a mod M) can be factored.
 */
export function rsaProblem(modulus: Uint8Array, exponent: Uint8Array): string | undefined {
  const n = toBigInt(modulus);
  const e = toBigInt(exponent);
  const bits = n.toString(2).length;
  if (bits < smallestModulus) return `modulus of ${bits} bits`;
  if (bits > largestModulus) return `modulus of ${bits} bits`;
  if (n % 2n === 0n) return "even modulus";
  if (e < 3n || e % 2n === 0n || e > largestExponent) return "unsafe public exponent";
  return isRoca(n) ? "modulus with the ROCA weakness" : undefined;
}

/** Modulo every small prime such a modulus is a power of 65537; a sound one passes all of them once in 2^27 or so. */
function isRoca(modulus: bigint): boolean {
  return marks.every((prime) => isPowerOfGenerator(modulus % prime, prime));
}

function isPowerOfGenerator(residue: bigint, prime: bigint): boolean {
  let power = 1n;
  do {
    if (power === residue) return true;
    power = (power * generator) % prime;
  } while (power !== 1n);
  return false;
}

function toBigInt(bytes: Uint8Array): bigint {
  let hex = "0";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return BigInt(`0x${hex}`);
}
