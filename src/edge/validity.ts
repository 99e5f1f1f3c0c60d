import type { Authority, Validity } from "./x509.ts";

/** Clocks of clients that run behind must not find a certificate from the future. */
const backdate = 5 * 60_000;

export function validityFrom(now: number, lifetime: number): Validity {
  // Certificates count in seconds.
  const start = Math.floor(now / 1000) * 1000;
  return { notBefore: start - backdate, notAfter: start + lifetime };
}

export function validityOf({ certificate }: Pick<Authority, "certificate">): Validity {
  return { notBefore: certificate.notBefore.getTime(), notAfter: certificate.notAfter.getTime() };
}

/** At a third of the lifetime left a certificate is renewed. */
export function isDue({ notBefore, notAfter }: Validity, now: number): boolean {
  return now >= notAfter - (notAfter - notBefore) / 3 || now < notBefore;
}

export function pemOf({ certificate }: Pick<Authority, "certificate">): string {
  return `${certificate.toString("pem").trim()}\n`;
}
