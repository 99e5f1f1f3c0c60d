import type { MarkedSecret } from "./marked-secret.ts";

/** A cache that several gateways share: a server that speaks Redis's protocol. */
export interface ExternalCacheSettings {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly tls: boolean;
  /** PEM of the authority of its certificate; null: those that the machine trusts. */
  readonly ca: string | null;
  readonly username: string | null;
  readonly password: MarkedSecret | null;
  /** Of all keys. Gateways with the same one share what they keep. */
  readonly prefix: string;
  /** Longer than this no request waits for it. */
  readonly timeoutMs: number;
}

/** What can be wrong with it; each is a miss. */
export type CacheProblem =
  /** It cannot be reached, or the connection was lost. */
  | "unreachable"
  /** No answer in time. */
  | "timeout"
  /** It answers, and with an error: credentials, memory, rights. */
  | "refused"
  /** Too much is under way already. */
  | "busy"
  /** What lies under the key is not ours, or not whole. */
  | "foreign";
