import type { IncomingMessage } from "node:http";
import { type AdminRefusal, refusal } from "./result.ts";

/** What a listener is called by. */
export interface AdminDoor {
  readonly kind: "socket" | "tcp";
  readonly scheme: "http" | "https";
  /** Lower-case values that Host may have. */
  readonly hosts: ReadonlySet<string>;
}

/** No path of this API needs an escape, so none is taken: there is one spelling of each. */
const target = /^(\/[A-Za-z0-9._-]+)+(\?[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*)?$/;
const maxTarget = 2048;

/**
 * What must hold before a call is looked at. Node's parser lets more through than one client of this API ever sends;
 * a browser that was led here by a name of its own (DNS rebinding) or by another site is told apart by Host and Origin.
 */
export function checkHead(request: IncomingMessage, door: AdminDoor): AdminRefusal | undefined {
  const { httpVersion, url = "", rawHeaders, headers } = request;
  if (httpVersion !== "1.1") return malformed("only HTTP/1.1 is spoken here");
  if (url.length > maxTarget || !target.test(url)) return malformed("the target is not a plain path");
  const twice = repeated(rawHeaders);
  if (twice !== undefined) return malformed(`the field ${twice} is there twice`);
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && coding !== "chunked") return refusal("transfer-coding-unknown");
  if (headers["content-encoding"] !== undefined)
    return refusal("media-type-not-supported", { detail: "content coding" });
  if (headers.upgrade !== undefined) return malformed("nothing can be upgraded here");
  return checkHost(headers.host ?? "", door) ?? checkOrigin(request, door);
}

function checkHost(host: string, { hosts }: AdminDoor): AdminRefusal | undefined {
  if (hosts.has(host.toLowerCase())) return undefined;
  return refusal("misdirected-request", {
    detail: `Host ${JSON.stringify(host.slice(0, 80))} is not a name of the admin API`,
  });
}

/** There is no CORS: a page of another origin has no business here, whatever it sends along. */
function checkOrigin({ headers }: IncomingMessage, { scheme, kind }: AdminDoor): AdminRefusal | undefined {
  const { origin } = headers;
  const own = kind === "tcp" && origin === `${scheme}://${headers.host?.toLowerCase()}`;
  if (origin !== undefined && !own) {
    return refusal("origin-not-allowed", { detail: `Origin ${JSON.stringify(origin.slice(0, 80))}` });
  }
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return undefined;
  return refusal("origin-not-allowed", { detail: "Sec-Fetch-Site says that another site asks" });
}

/** Fields that decide something. Of two, Node shows the first, or joins them. */
const once: ReadonlySet<string> = new Set([
  "host",
  "authorization",
  "content-length",
  "transfer-encoding",
  "content-type",
  "origin",
  "if-match",
  "expect",
]);

function repeated(rawHeaders: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    if (once.has(name) && seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

function malformed(detail: string): AdminRefusal {
  return refusal("malformed-request", { message: `The request is malformed: ${detail}.`, detail });
}
