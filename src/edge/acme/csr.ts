import { Buffer } from "node:buffer";
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from "#edge/x509.ts";
import { importKeys } from "./keys.ts";
import type { Identifier } from "./resources.ts";

/** A certificate request, base64url of its DER form. The names stand in the extension only: the subject is for people. */
export async function makeRequest(keyPem: string, identifiers: readonly Identifier[]): Promise<string> {
  const { keys, algorithm } = await importKeys(keyPem);
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(identifiers.map(({ type, value }) => ({ type, value })))],
  });
  return Buffer.from(request.rawData).toString("base64url");
}
