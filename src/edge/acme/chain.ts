import { X509Certificate } from "node:crypto";
import { unusable } from "./problem.ts";
import type { AcmeSession } from "./session.ts";
import type { AcmeAnswer } from "./transport.ts";

const pemType = "application/pem-certificate-chain";
const maxAlternates = 10;

/** The chain at a URL, or the alternate one whose top names `preferred`. @see RFC 8555 §7.4.2 */
export async function downloadChain(session: AcmeSession, url: string, preferred: string | null): Promise<string> {
  const answer = await session.read(url, "downloading the certificate", pemType);
  const chain = readChain(answer.text);
  if (preferred === null || topNames(chain) === preferred) return chain;
  for (const alternate of alternatesOf(answer, url)) {
    const other = readChain((await session.read(alternate, "downloading another chain", pemType)).text);
    if (topNames(other) === preferred) return other;
  }
  return chain;
}

function alternatesOf({ headers }: AcmeAnswer, base: string): readonly string[] {
  const links = headers.all("link").flatMap((field) => field.split(/,\s*(?=<)/));
  const urls = links.map((link) => /^<([^>]*)>\s*;.*\brel="?alternate"?/i.exec(link)?.[1]);
  return urls
    .filter((url) => url !== undefined)
    .slice(0, maxAlternates)
    .map((url) => new URL(url, base).href);
}

/** Certificates of a PEM text, in order. */
export function certificatesOf(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

/** Only certificates, each of which can be read: nothing else that came along is kept. */
function readChain(text: string): string {
  const certificates = certificatesOf(text);
  if (certificates.length === 0) throw unusable("the authority sent no certificate");
  if (!certificates.every((pem) => isReadable(pem))) throw unusable("the authority sent what is no certificate");
  return `${certificates.join("\n")}\n`;
}

/** Common name of who signed the last certificate of the chain. */
function topNames(chain: string): string | undefined {
  const top = certificatesOf(chain).at(-1);
  return top === undefined ? undefined : /^CN=(.*)$/m.exec(new X509Certificate(top).issuer)?.[1];
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).serialNumber !== "";
  } catch {
    return false;
  }
}
