import { createHash, type X509Certificate as NodeCertificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { request } from "#lib/node-http.ts";
import { keyAuthorizationOf } from "#edge/acme/challenge-values.ts";
import { serverNameOf } from "#edge/acme/identifier.ts";
import { createTrust } from "#edge/trust.ts";
import { X509Certificate } from "#edge/x509.ts";
import type { ChallengeType, Identifier } from "./acme-types.ts";
import { AcmeRefusal } from "./refusal.ts";

export interface ValidatorOptions {
  /** Addresses of a name; for tests another one than the system's. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
  /** Address ranges that may be dialled; null: all but those that nobody's service is at. */
  readonly dial: readonly string[] | null;
  /** 80 and 443, but for tests. */
  readonly httpPort: number;
  readonly tlsPort: number;
  readonly timeoutMs: number;
}

export interface Challenge {
  readonly type: ChallengeType;
  readonly identifier: Identifier;
  readonly token: string;
  readonly thumbprint: string;
}

/** This machine itself, its neighbours' metadata services, and what is no one machine. */
const never = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "168.63.129.16", "100.100.100.200"];
const never6 = ["::/127", "fe80::/10", "ff00::/8", "fd00:ec2::254", "fd20:ce::254", "64:ff9b::/96", "64:ff9b:1::/48"];
const acmeIdentifier = "1.3.6.1.5.5.7.1.31";
const maxAnswer = 1024;

/**
 * Looks whether an applicant controls an identifier. It dials the identifier's own addresses alone, follows no
 * redirect, and tells the applicant nothing of what it found there: nobody can look around the network through it.
 */
export function createValidator(options: ValidatorOptions): (challenge: Challenge) => Promise<void> {
  const allowed = options.dial === null ? null : createTrust(options.dial);
  const refused = createTrust([...never, ...never6]);
  const mayDial = (address: string): boolean => (allowed === null ? !refused.trusts(address) : allowed.trusts(address));

  return async (challenge) => {
    const { type, value } = challenge.identifier;
    const found = type === "ip" ? [value] : await options.resolve(value).catch(() => []);
    const address = found.find((one) => isIP(one) !== 0 && mayDial(one));
    if (address === undefined) {
      const why = found.length === 0 ? "has no address" : "has no address that may be dialled";
      throw new AcmeRefusal("connection", 400, `${value} ${why}`);
    }
    await (challenge.type === "http-01" ? askHttp(challenge, address, options) : askTls(challenge, address, options));
  };
}

function unreachable({ identifier, type }: Challenge): AcmeRefusal {
  return new AcmeRefusal("connection", 400, `${identifier.value} did not answer the ${type} validation`);
}

function wrong({ identifier, type }: Challenge): AcmeRefusal {
  return new AcmeRefusal("incorrectResponse", 403, `${identifier.value} answered the ${type} validation wrongly`);
}

/** @see RFC 8555 §8.3 */
async function askHttp(challenge: Challenge, address: string, options: ValidatorOptions): Promise<void> {
  const { identifier, token, thumbprint } = challenge;
  const host = identifier.value.includes(":") ? `[${identifier.value}]` : identifier.value;
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request({
      host: address,
      port: options.httpPort,
      path: `/.well-known/acme-challenge/${token}`,
      headers: { Host: host, "User-Agent": "sallyport-acme" },
      agent: false,
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    sent.on("error", () => reject(unreachable(challenge)));
    sent.on("response", (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString("latin1");
        if (body.length > maxAnswer) sent.destroy(new Error("too long"));
      });
      response.on("error", () => reject(unreachable(challenge)));
      response.on("end", () => (response.statusCode === 200 ? resolve(body) : reject(wrong(challenge))));
    });
    sent.end();
  });
  if (text.trimEnd() !== keyAuthorizationOf(token, thumbprint)) throw wrong(challenge);
}

/** @see RFC 8737 §3 */
async function askTls(challenge: Challenge, address: string, options: ValidatorOptions): Promise<void> {
  const socket = connect({
    host: address,
    port: options.tlsPort,
    servername: serverNameOf(challenge.identifier),
    ALPNProtocols: ["acme-tls/1"],
    // It is self-signed; what it says is what counts.
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
  });
  const timer = setTimeout(() => socket.destroy(new Error("no answer in time")), options.timeoutMs);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", () => reject(unreachable(challenge)));
      socket.once("close", () => reject(unreachable(challenge)));
    });
    if (!isAnswer(socket, challenge)) throw wrong(challenge);
  } finally {
    clearTimeout(timer);
    socket.on("error", () => {});
    socket.destroy();
  }
}

function isAnswer(socket: TLSSocket, { identifier, token, thumbprint }: Challenge): boolean {
  const sent = socket.getPeerX509Certificate();
  if (sent === undefined || socket.alpnProtocol !== "acme-tls/1" || !namesOnly(sent, identifier)) return false;
  const extension = new X509Certificate(sent.raw).getExtension(acmeIdentifier);
  const digest = createHash("sha256").update(keyAuthorizationOf(token, thumbprint)).digest();
  const expected = Buffer.concat([Buffer.from([0x04, 0x20]), digest]);
  return extension?.critical === true && expected.equals(Buffer.from(extension.value));
}

/** Exactly one name, and that one. */
function namesOnly({ subjectAltName = "" }: NodeCertificate, { type, value }: Identifier): boolean {
  if (type === "dns") return subjectAltName.toLowerCase() === `dns:${value}`;
  const [, address = ""] = /^IP Address:([0-9A-Fa-f:.]+)$/.exec(subjectAltName) ?? [];
  return address === value || (address.includes(":") && new URL(`http://[${address}]/`).hostname === `[${value}]`);
}
