import { decodeBase64url, decodeUtf8 } from "./base64url.ts";
import { maxTokenLength } from "./compact.ts";
import { parseStrictObject } from "./strict-json.ts";
import { quoted, refuseToken, type RefusedToken } from "./token-refusal.ts";

/** An encrypted token whose form and header are right; nothing in it is opened. */
export interface EncryptedToken {
  readonly ok: true;
  readonly algorithm: string;
  readonly id: string | null;
}

/**
 * How the key of the content is had. RSA with PKCS #1 v1.5 is not among them: whoever sees which tokens are refused, and
 * when, could have others opened (Bleichenbacher). Neither are passwords (PBES2), whose sender says how much work they are.
 */
export const rsaKeyAlgorithms: readonly string[] = ["RSA-OAEP", "RSA-OAEP-256"];
/** Of the curves P-256, P-384 and P-521. @see RFC 7518 §4.6 */
export const curveKeyAlgorithms: readonly string[] = ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"];
export const secretKeyAlgorithms: readonly string[] = ["dir", "A128KW", "A192KW", "A256KW"];

export const contentAlgorithms: readonly string[] = [
  "A128CBC-HS256",
  "A192CBC-HS384",
  "A256CBC-HS512",
  "A128GCM",
  "A192GCM",
  "A256GCM",
];

const keyAlgorithms: ReadonlySet<string> = new Set([
  ...rsaKeyAlgorithms,
  ...curveKeyAlgorithms,
  ...secretKeyAlgorithms,
]);

/** Keys that the sender brings along, and compression: a small token could become a large one. @see RFC 8725 §3.6 */
const refusedParameters: readonly string[] = ["jwk", "jku", "x5u", "x5c", "zip", "crit", "p2s", "p2c"];

/** Five parts, in a header field or elsewhere. */
export function isEncrypted(text: string): boolean {
  let dots = 0;
  for (let at = text.indexOf("."); at >= 0; at = text.indexOf(".", at + 1)) dots += 1;
  return dots === 4;
}

/** @see RFC 7516 §3.1, §5.2 */
export function parseEncrypted(text: string): EncryptedToken | RefusedToken {
  if (text.length > maxTokenLength) return refuseToken("token-malformed", "longer than 16 KiB");
  const [head = "", ...rest] = text.split(".");
  const bytes = decodeBase64url(head);
  if (bytes === undefined || rest.some((part) => decodeBase64url(part) === undefined)) {
    return refuseToken("token-malformed", "not canonical base64url");
  }
  const json = decodeUtf8(bytes);
  const header = json === undefined ? undefined : parseStrictObject(json);
  if (header === undefined) return refuseToken("token-malformed", "header is not a JSON object with unique names");
  return checkHeader(header);
}

function checkHeader(header: Readonly<Record<string, unknown>>): EncryptedToken | RefusedToken {
  const { alg, enc, kid } = header;
  if (typeof alg !== "string" || !keyAlgorithms.has(alg)) {
    return refuseToken("token-algorithm-not-allowed", `alg ${quoted(alg)} of an encrypted token`);
  }
  if (typeof enc !== "string" || !contentAlgorithms.includes(enc)) {
    return refuseToken("token-algorithm-not-allowed", `enc ${quoted(enc)}`);
  }
  const refused = refusedParameters.find((name) => Object.hasOwn(header, name));
  if (refused !== undefined) return refuseToken("token-type-not-allowed", `header parameter ${refused}`);
  // The sender's half of the agreement: where there is none, it would be a key that nobody asked for.
  if (Object.hasOwn(header, "epk") !== curveKeyAlgorithms.includes(alg)) {
    return refuseToken("token-type-not-allowed", "header parameter epk");
  }
  if (kid !== undefined && typeof kid !== "string") return refuseToken("token-key-unknown", "kid is not a string");
  return { ok: true, algorithm: alg, id: kid ?? null };
}
