import { HeaderList } from "#model/header-list.ts";

/**
 * A new list without what belongs to one connection only: the fields named in `Connection`, then the fixed ones.
 * Host and Content-Length stay even when `Connection` names them, because dropping them would change where the
 * message goes and where it ends. Run it before adding fields of our own, so that a client cannot have them removed
 * by naming them.
 *
 * @param keepTeTrailers keep `TE: trailers` (requests); every other transfer coding offer is dropped.
 * @see RFC 9110 §7.6.1
 */
export function stripHopByHop(headers: HeaderList, keepTeTrailers: boolean): HeaderList {
  const { raw } = headers;
  const named = connectionOptions(raw);
  const kept: string[] = [];
  let trailers = false;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    const value = raw[at + 1] as string;
    if (isTe(name)) trailers ||= keepTeTrailers && offersTrailers(value);
    else if (!isHopByHopField(name) && !isNamed(named, name)) kept.push(name, value);
  }
  if (trailers) kept.push("TE", "trailers");
  return new HeaderList(kept);
}

/**
 * The list without the fields that its `Connection` names, and without that; the same list when it names none. For what
 * a client sent, before any policy writes: named later, a field that a policy has written would go too, and the upstream
 * would take its default for it.
 */
export function withoutNominated(headers: HeaderList): HeaderList {
  const { raw } = headers;
  const named = connectionOptions(raw);
  if (named === null) return headers;
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    // TE is decided by its value.
    const goes = name.toLowerCase() === "connection" || (!isTe(name) && isNamed(named, name));
    if (!goes) kept.push(name, raw[at + 1] as string);
  }
  return new HeaderList(kept);
}

/** Whether a field of that name never passes a proxy. TE is decided by its value, and not covered here. */
function isHopByHopField(name: string): boolean {
  switch (name.length) {
    case 7:
      return isOneOf(name, "upgrade", "trailer", "alt-svc");
    case 10:
      return isOneOf(name, "connection", "keep-alive", "");
    case 16:
      return isOneOf(name, "proxy-connection", "", "");
    case 17:
      return isOneOf(name, "transfer-encoding", "", "");
    case 18:
      return isOneOf(name, "proxy-authenticate", "", "");
    case 19:
      return isOneOf(name, "proxy-authorization", "", "");
    default:
      return false;
  }
}

function isOneOf(name: string, first: string, second: string, third: string): boolean {
  const lower = name.toLowerCase();
  return lower === first || lower === second || lower === third;
}

function isTe(name: string): boolean {
  return name.length === 2 && name.toLowerCase() === "te";
}

function offersTrailers(value: string): boolean {
  return value.split(",").some((offer) => offer.trim().toLowerCase() === "trailers");
}

/** Lower-case options of all Connection fields that may name a field, or null when there are none. */
function connectionOptions(raw: readonly string[]): string[] | null {
  let options: string[] | null = null;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    if (name.length !== 10 || name.toLowerCase() !== "connection") continue;
    const value = (raw[at + 1] as string).toLowerCase();
    if (value === "keep-alive" || value === "close") continue;
    options ??= [];
    for (const option of value.split(",")) options.push(option.trim());
  }
  return options;
}

function isNamed(options: readonly string[] | null, name: string): boolean {
  if (options === null) return false;
  const lower = name.toLowerCase();
  return lower !== "host" && lower !== "content-length" && options.includes(lower);
}
