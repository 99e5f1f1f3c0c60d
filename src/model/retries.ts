/** What is tried again when a target has failed. A request that has not been sent goes to another target without this. */
export interface Retries {
  /** After the first attempt. */
  readonly count: number;
  /** Methods that may be sent twice; upper case. */
  readonly methods: readonly string[];
  readonly on: {
    /** The connection broke before the response. */
    readonly reset: boolean;
    /** No response's head in time. */
    readonly timeout: boolean;
    readonly statuses: readonly StatusRange[];
  };
  /** For each attempt; 0: only the route's timeout, which bounds all of them together. */
  readonly perTryTimeoutMs: number;
  /** Each wait is random, up to a bound that begins with `firstMs` and doubles up to `longestMs`. */
  readonly backOff: { readonly firstMs: number; readonly longestMs: number };
  /** Bytes of a request's body that are kept to be sent again; larger ones are sent once. */
  readonly bodyBytes: number;
  readonly budget: RetryBudgetSettings;
}

/** Within any `windowMs`, retries are at most this share of the requests, or this many a second. */
export interface RetryBudgetSettings {
  readonly percent: number;
  readonly minPerSecond: number;
  readonly windowMs: number;
}

/** Both ends belong to it. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}
