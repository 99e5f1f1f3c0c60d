/** Targets come from DNS, again and again. */
export interface Discovery {
  /** `a`: each address (A, AAAA) is a target. `srv`: each record is one, with its port, weight and priority. */
  readonly type: "a" | "srv";
  readonly name: string;
  readonly scheme: "http" | "https";
  /** Of `a`. */
  readonly port: number;
  /** In front of every path; empty for the root. */
  readonly basePath: string;
  /** `address:port` of a name server; null: the system's. */
  readonly resolver: string | null;
  readonly refreshMs: number;
  /** How long the last answer is used when there is no other. */
  readonly staleMs: number;
}
