import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactSign, exportJWK, generateKeyPair } from "jose";

/** A real issuer on loopback: discovery, key set, ES256 tokens. */
export interface TokenIssuer {
  readonly url: string;
  /** The public key as published. */
  readonly jwk: Readonly<Record<string, unknown>>;
  token(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}

/** @param issuerOf what its metadata calls it, by its URL */
export async function startIssuer(
  audience: string = "api://test",
  issuerOf: (url: string) => string = (url) => url,
): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256", use: "sig" };
  const server = createServer((request, response) => {
    const keys = { keys: [jwk] };
    const discovery = { issuer: issuerOf(url), jwks_uri: `${url}/keys` };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.url === "/keys" ? keys : discovery));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    jwk,
    token: (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: url, aud: audience, sub: "ann", iat: now, exp: now + 600, ...claims };
      return new CompactSign(Buffer.from(JSON.stringify(payload)))
        .setProtectedHeader({ alg: "ES256", kid: "k1", typ: "at+jwt", ...header })
        .sign(privateKey);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A token from parts that no library would sign. */
export function forgedToken(header: unknown, payload: unknown, signature: string = ""): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  return `${encode(header)}.${encode(payload)}.${signature}`;
}
