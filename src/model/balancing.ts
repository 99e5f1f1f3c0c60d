/** One address of a backend. */
export interface BackendTarget {
  /** `http(s)://host[:port][/base]`. */
  readonly url: string;
  /** Share among targets of the same priority, 1 to 1000. */
  readonly weight: number;
  /** The lowest number that has a target up is used; 1 to 100. */
  readonly priority: number;
  /** Name of the backend that it is: credentials, TLS, protocol and circuit breaker are those of that one. */
  readonly backend?: string;
}

export const balancePolicies = [
  "round-robin",
  "weighted-round-robin",
  "random",
  "random-choose",
  "first",
  "least-conn",
  "ip-hash",
  "client-ip-hash",
  "uri-hash",
  "header",
  "query",
  "cookie",
] as const;

export type BalancePolicy = (typeof balancePolicies)[number];

/** How one of a backend's targets is chosen. */
export interface Balance {
  readonly policy: BalancePolicy;
  /** Of `random-choose`: how many are drawn, of which the least busy is used. */
  readonly choices: number;
  /** Of `header` (lower case), `query` and `cookie`: whose value is hashed; else empty. */
  readonly name: string;
}

/** A cookie of the gateway's own keeps a client with its target. */
export interface Sticky {
  readonly cookie: string;
  /** 0: until the browser ends. */
  readonly ttlMs: number;
  readonly sameSite: "strict" | "lax" | "none";
  readonly path: string;
}
