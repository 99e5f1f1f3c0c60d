import type { webcrypto } from "node:crypto";
import { createInternalCa } from "#edge/internal-ca.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import { exportKey, makeKeys, readPublicKey } from "#edge/x509.ts";

import { GatewayError } from "#model/errors.ts";
import type { Clock, Log, Random } from "#model/ports.ts";
import { type ListPlace, listsAt, readListPlace } from "./list-place.ts";

export interface IssueRequest {
  /** Of the internal CA; it must be there. */
  readonly caPath: string;
  /** Host names, addresses and SPIFFE IDs. */
  readonly names: readonly string[];
  readonly lifetimeMs: number;
  /** PEM of a certificate request: its key is certified, its names are not looked at. Null: a new key is made. */
  readonly request: string | null;
  /** Where the gateway gives revocation lists; null: where one that runs with this folder has said that it does. */
  readonly lists: ListPlace | null;
}

export interface IssuedWorkload {
  readonly chain: string;
  /** PKCS #8 PEM; null when the request brought its own. */
  readonly key: string | null;
  readonly serial: string;
  readonly notAfter: number;
}

/**
 * A certificate for whoever holds the CA's folder: the operator, or what delivers certificates for them.
 *
 * @throws GatewayError `definition-invalid` for an unusable request; `store-corrupt` when the CA cannot be used
 */
export async function issueCertificate(
  { caPath, names, lifetimeMs, request, lists }: IssueRequest,
  ports: { readonly clock: Clock; readonly random: Random; readonly log: Log; readonly secrets: SecretFiles },
): Promise<IssuedWorkload> {
  const ca = await createInternalCa({ directory: caPath, ...ports });
  const made = request === null ? await makeKeys() : null;
  const publicKey: webcrypto.CryptoKey = made?.publicKey ?? (await keyOf(request ?? ""));
  const listsOf = listsAt(lists ?? (await readListPlace(caPath)));
  const issued = await ca.issueFor(names, publicKey, lifetimeMs, listsOf);
  return { ...issued, key: made === null ? null : await exportKey(made) };
}

async function keyOf(request: string): Promise<webcrypto.CryptoKey> {
  const key = await readPublicKey(request).catch(() => null);
  if (key !== null) return key;
  throw new GatewayError(
    "definition-invalid",
    500,
    "the certificate request is unreadable, or not signed by its own key",
  );
}
