import type { ReplayedRequest } from "#app/shadow/replay.ts";
import { redactedMark } from "#model/redaction.ts";

export interface ReadRequests {
  readonly requests: readonly ReplayedRequest[];
  /** Of methods that may change something: never sent. */
  readonly unsafe: number;
  /** Of which a part was kept out of the log, so that another request would be sent. */
  readonly redacted: number;
  /** Lines that are no request, by their number, from 1. */
  readonly unread: readonly number[];
}

const safe: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
/** Headers of a recorded request that say what is wanted; those that say who asks are given with --header. */
const wanted: ReadonlySet<string> = new Set([
  "accept",
  "accept-language",
  "if-none-match",
  "if-modified-since",
  "range",
]);

/** @see RFC 9110 §5.5 */
const sendable = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Requests from an archive of a browser (HAR), from lines of JSON as the access log, the record and Caddy's log have them,
 * from lines of nginx and Apache, or from a list with a method and a path a line. The same request is sent once.
 */
export function readRequests(text: string): ReadRequests {
  const archive = archiveOf(text);
  const found = archive ?? text.split("\n").map(requestOf);
  const requests = new Map<string, ReplayedRequest>();
  const unread: number[] = [];
  let [unsafe, redacted] = [0, 0];
  for (const [at, request] of found.entries()) {
    if (request === "blank") continue;
    if (request === null) unread.push(at + 1);
    else if (!safe.has(request.method)) unsafe += 1;
    else if (isRedacted(request.target)) redacted += 1;
    else requests.set(JSON.stringify(request), request);
  }
  return { requests: [...requests.values()], unsafe, redacted, unread };
}

function isRedacted(target: string): boolean {
  return target.includes(redactedMark) || target.includes(encodeURIComponent(redactedMark));
}

type ReadLine = ReplayedRequest | "blank" | null;

function requestOf(line: string): ReadLine {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return "blank";
  if (text.startsWith("{")) return ofJson(text);
  const [, verb, logged] = combined.exec(text) ?? [];
  if (verb !== undefined && logged !== undefined) return requestTo(verb, logged);
  const [, method = "GET", target = ""] = /^(?:([A-Za-z]+)\s+)?(\S+)$/.exec(text) ?? [];
  return requestTo(method, target);
}

/** As nginx and Apache log a request line, in their combined format. */
const combined = /"([A-Z]{1,20}) (\S+) HTTP\/[\d.]+"/;

function requestTo(method: string, address: string): ReplayedRequest | null {
  const target = targetOf(address);
  return target === null ? null : { method: method.toUpperCase(), target, headers: [] };
}

function ofJson(text: string): ReadLine {
  try {
    const line = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const caddy = line["request"] as { readonly method?: unknown; readonly uri?: unknown } | null | undefined;
    if (typeof caddy?.method === "string" && typeof caddy.uri === "string") return requestTo(caddy.method, caddy.uri);
    const { method, path, query } = line;
    // Events of the record are no requests.
    if (method === undefined && path === undefined) return "blank";
    if (typeof method !== "string" || typeof path !== "string" || !path.startsWith("/")) return null;
    const more = typeof query === "string" && query !== "" ? `?${query.replace(/^\?/, "")}` : "";
    return { method: method.toUpperCase(), target: `${path}${more}`, headers: [] };
  } catch {
    return null;
  }
}

/** @see http://www.softwareishard.com/blog/har-12-spec/ */
interface Archive {
  readonly log?: {
    readonly entries?: readonly {
      readonly request?: {
        readonly method?: unknown;
        readonly url?: unknown;
        readonly headers?: readonly { readonly name?: unknown; readonly value?: unknown }[];
      };
    }[];
  };
}

function archiveOf(text: string): readonly ReadLine[] | null {
  if (!text.trimStart().startsWith("{")) return null;
  let archive: Archive;
  try {
    archive = JSON.parse(text) as Archive;
  } catch {
    return null;
  }
  if (!Array.isArray(archive.log?.entries)) return null;
  return archive.log.entries.map(({ request }) => {
    const target = typeof request?.url === "string" ? targetOf(request.url) : null;
    if (target === null || typeof request?.method !== "string") return null;
    const sent: readonly { readonly name?: unknown; readonly value?: unknown }[] = request.headers ?? [];
    const headers = sent.flatMap(({ name, value }) =>
      typeof name === "string" && typeof value === "string" && wanted.has(name.toLowerCase()) && sendable.test(value)
        ? [name, value]
        : [],
    );
    return { method: request.method.toUpperCase(), target, headers };
  });
}

/** Path and query of a target or of a URL. */
function targetOf(text: string): string | null {
  if (text.startsWith("/")) return text.split("#", 1)[0] ?? null;
  const url = URL.parse(text);
  return url === null || !/^https?:$/.test(url.protocol) ? null : `${url.pathname}${url.search}`;
}
