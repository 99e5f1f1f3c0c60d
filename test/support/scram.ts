import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

/** The server's side of SCRAM, for one user. RFC 5802 §3 */
export function scramServer(
  hash: "sha256" | "sha512",
  user: string,
  password: string,
): (said: Buffer) => Buffer | null {
  const [salt, iterations] = [randomBytes(16), 4096];
  const length = hash === "sha256" ? 32 : 64;
  const salted = pbkdf2Sync(password, salt, iterations, length, hash);
  const mac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  const clientKey = mac(salted, "Client Key");
  const stored = createHash(hash).update(clientKey).digest();
  let before: { readonly bare: string; readonly first: string } | null = null;
  return (said) => {
    const text = said.toString();
    if (before === null) {
      const [, bare = "", name, nonce] = /^n,,(n=([^,]*),r=([^,]+))$/.exec(text) ?? [];
      if (name !== user) return null;
      const first = `r=${nonce}${randomBytes(12).toString("base64url")},s=${salt.toString("base64")},i=${iterations}`;
      before = { bare, first };
      return Buffer.from(first);
    }
    const [, withoutProof = "", proof = ""] = /^(.*),p=([^,]+)$/.exec(text) ?? [];
    const message = `${before.bare},${before.first},${withoutProof}`;
    const signature = mac(stored, message);
    const key = Buffer.from(proof, "base64").map((byte, at) => byte ^ (signature[at] ?? 0));
    const shown = createHash(hash).update(key).digest();
    if (!timingSafeEqual(shown, stored)) return null;
    return Buffer.from(`v=${mac(mac(salted, "Server Key"), message).toString("base64")}`);
  };
}
