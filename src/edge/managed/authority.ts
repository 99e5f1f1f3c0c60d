import type { Solver } from "#edge/acme/solver.ts";
import type { KeyType } from "#edge/acme/keys.ts";
import type { RenewalWindow } from "#edge/acme/renewal-info.ts";
import type { ChallengeType } from "#edge/acme/resources.ts";
import type { RevocationReason } from "#model/revocation.ts";

/** Who issues certificates. */
export interface Authority {
  /** As people call it. */
  readonly name: string;
  /** URL of its directory: what it is known by in storage. */
  readonly directory: string;
  /** Its twin for tries, whose limits cost nothing. */
  readonly staging: Authority | null;
  /** Finds the account there, or makes one. @throws GatewayError as {@link obtain} */
  open(): Promise<void>;
  /** @returns the chain, leaf first, PEM @throws GatewayError `certificate-refused` or `certificate-unavailable` */
  obtain(request: ObtainRequest): Promise<string>;
  /** Null when it has no wishes. */
  renewalWindow(chainPem: string): Promise<RenewalWindow | null>;
  revoke(chainPem: string, reason: RevocationReason): Promise<void>;
}

export interface ObtainRequest {
  readonly name: string;
  /** Key of the certificate, PKCS #8 PEM. */
  readonly keyPem: string;
  readonly challenge: ChallengeType;
  readonly solver: Solver;
  /** Of the key that the name is served with until then. */
  readonly servedKeyType: KeyType;
  /** The chain that this certificate takes the place of, when this authority issued it. */
  readonly replaces: string | null;
  /** URL of an order begun with this key. */
  readonly resume: string | null;
  readonly onOrder: (url: string) => Promise<void>;
}
