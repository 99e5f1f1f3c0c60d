import type { HeaderList } from "#model/header-list.ts";

const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "proxy-connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** `Connection: host` or `content-length` must not take away what decides where a message goes and where it ends. */
const kept: ReadonlySet<string> = new Set(["host", "content-length", "te"]);

/** Shortest and longest name in {@link hopByHop}: other lengths skip the look-up. */
const shortest = 2;
const longest = 19;

/**
 * Removes the fields of one connection, in place: those named in `Connection` and the fixed ones. `TE: trailers` is
 * kept in a request, since gRPC needs it; `Alt-Svc` goes from a response, since it speaks for another host.
 *
 * @see RFC 9110 §7.6.1
 */
export function stripHopByHop(headers: HeaderList, direction: "request" | "response"): void {
  const named = namedInConnection(headers);
  const { raw } = headers;
  let to = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    let value = raw[at + 1] as string;
    if (isConnectionField(name, named, direction)) {
      if (direction === "response" || !isTrailersTe(name, value)) continue;
      value = "trailers";
    }
    raw[to] = name;
    raw[to + 1] = value;
    to += 2;
  }
  raw.length = to;
}

function isConnectionField(name: string, named: ReadonlySet<string> | null, direction: string): boolean {
  if (named === null && (name.length < shortest || name.length > longest)) return false;
  const lower = name.toLowerCase();
  if (hopByHop.has(lower) || (direction === "response" && lower === "alt-svc")) return true;
  return named !== null && named.has(lower);
}

function isTrailersTe(name: string, value: string): boolean {
  return name.length === 2 && name.toLowerCase() === "te" && tokensOf(value).includes("trailers");
}

function namedInConnection(headers: HeaderList): ReadonlySet<string> | null {
  const connection = headers.joined("connection");
  if (connection === undefined || connection === "keep-alive" || connection === "close") return null;
  const names = new Set(tokensOf(connection));
  for (const name of kept) names.delete(name);
  return names;
}

function tokensOf(list: string): string[] {
  return list.split(",").map((token) => token.trim().toLowerCase());
}
