import type { Exchange } from "#model/exchange.ts";
import type { AdminRole } from "./roles.ts";

/** One call that may run: head and body are checked, and whoever makes it has the role. */
export interface AdminCall {
  readonly exchange: Exchange;
  /** Whether whoever makes it has another role as well. */
  readonly hasRole: (role: AdminRole) => boolean;
  /** Of the path's template; 0 where it has none. */
  readonly id: number;
  /** Of the path's template; empty where it has none. */
  readonly name: string;
  readonly query: ReadonlyMap<string, string>;
  readonly accept: string;
  readonly ifMatch: string | undefined;
  readonly contentType: string;
  readonly body: string;
}
