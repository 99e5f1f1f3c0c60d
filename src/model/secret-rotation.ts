import type { Rotation } from "./rotation.ts";
import type { SourcePosition } from "./diagnostic.ts";

/** A secret that is changed for a new one by a schedule. */
export interface SecretRotation {
  readonly name: string;
  /** As it was read with the definition. */
  readonly current: { readonly secret: true; readonly origin: string; readonly value: string };
  /** The file that holds it, as the definition names it; null: it comes from elsewhere, and is changed there. */
  readonly file: string | null;
  readonly rotation: Rotation;
  /** Who makes a new one; null: somebody does, by hand. */
  readonly by: SecretMaker | null;
  /** How a new one is tried before it is used; null where nobody makes one. */
  readonly trial: SecretTrial | null;
  /** Who is written to of it. */
  readonly mailTo: readonly string[];
  readonly at: SourcePosition;
}

export type SecretMaker =
  /** A program and its first arguments; `make` or `drop` comes behind them. No shell. */
  { readonly kind: "command"; readonly command: readonly string[] } | ApimKeys;

/** Keys of a subscription of API Management, which has two: the one that is not used is made anew. */
export interface ApimKeys {
  readonly kind: "api-management";
  /** Without a slash at its end: `https://management.azure.com`. */
  readonly endpoint: string;
  readonly azureSubscription: string;
  readonly resourceGroup: string;
  readonly service: string;
  /** Its `sid`. */
  readonly subscription: string;
  /** Of a user-assigned identity; empty: the system's own. */
  readonly clientId: string;
}

/** A request that changes nothing, with the new secret, as the upstream gets it. */
export interface SecretTrial {
  readonly method: "GET" | "HEAD";
  readonly url: string;
  /** Where the secret stands. */
  readonly place:
    | { readonly kind: "header"; readonly name: string; /** In front of it: `Bearer `. */ readonly prefix: string }
    | { readonly kind: "query"; readonly name: string };
  /** A backend whose authorities and client certificate hold for it; absent: of none. */
  readonly backend?: string;
  /** Statuses that say that it is good. */
  readonly expect: readonly number[];
  readonly timeoutMs: number;
}
