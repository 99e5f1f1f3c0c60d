import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { home } from "./home.ts";
import { keySet } from "./jwks.ts";
import type { SitePorts } from "./ports.ts";

/** One endpoint below `/.sallyport`. */
export interface SiteRow {
  /** Below the prefix; exactly this. */
  readonly path: string;
  /** HEAD is answered as GET. */
  readonly methods: readonly ("GET" | "POST")[];
  readonly run: (request: SiteRequest, ports: SitePorts) => SiteResponse | Promise<SiteResponse>;
}

/** THE table of the gateway's own pages: whatever is not in it is not there. */
export const siteTable: readonly SiteRow[] = [
  { path: "", methods: ["GET"], run: home },
  { path: "/", methods: ["GET"], run: home },
  { path: "/jwks.json", methods: ["GET"], run: keySet },
];
