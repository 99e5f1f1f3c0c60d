import type { Exchange, ResponseDraft } from "./exchange.ts";
import type { Permit } from "./permit.ts";

/** An old gateway that is asked as well, to compare what it answers. */
export interface ShadowSettings {
  /** `http(s)://host[:port][/base]`, without a slash at its end. */
  readonly to: string;
  /** PEM of authorities that its certificate may come from besides; absent: those that the machine trusts. */
  readonly ca?: string;
  /** Host that it sees: the client's, or its own. */
  readonly host: "preserve" | "upstream";
  /** Of the requests that come into question, 0 to 1. */
  readonly sample: number;
  /** Upper case; none that may change something. */
  readonly methods: readonly string[];
  /** Lower-case names of fields that the old gateway is not sent: what says who calls, unless it is to be told. */
  readonly withheldFields: readonly string[];
  /** Lower-case names of parameters of the query that it is not sent. */
  readonly withheldParameters: readonly string[];
  /** Of a body, so much is compared. */
  readonly bodyBytes: number;
  /** Lower-case names of fields that are not compared. */
  readonly ignoredFields: readonly string[];
  /** JSON pointers of members that are not compared; `*` stands for any name or number. */
  readonly ignoredPointers: readonly string[];
  readonly timeoutMs: number;
  /** Requests to the old gateway at a time, of each worker, whichever API they are of. */
  readonly concurrency: number;
}

/** Asks old gateways what they would have answered. */
export interface Shadowing {
  /**
   * The request may go on: only then may it go there as well.
   * @throws GatewayError for a permit that is not this exchange's
   */
  permitted(exchange: Exchange, permit: Permit): void;
  /** The client is about to be answered. Nothing of that is held up or changed. */
  answering(exchange: Exchange, response: ResponseDraft, settings: ShadowSettings): void;
}

/** What became of requests that came into question. */
export type ShadowOutcome = "same" | "different" | "unanswered" | "skipped";

/** In what answers of one operation differed, added up. No value of a body, nor of a field that may hold a secret. */
export interface ShadowDifference {
  readonly api: string;
  readonly operation: string;
  readonly kind: string;
  readonly place: string;
  /** What the last of them were. */
  readonly old: string;
  readonly fresh: string;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly lastAt: number;
  /** Id of the last request that showed it. */
  readonly example: string;
}

/** What a worker has seen since main was last told. */
export interface ShadowNews {
  readonly outcomes: readonly { readonly api: string; readonly outcome: ShadowOutcome; readonly count: number }[];
  readonly differences: readonly ShadowDifference[];
  /** Left out, because there were too many kinds. */
  readonly dropped: number;
}
