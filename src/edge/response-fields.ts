import type { HeaderList } from "#model/header-list.ts";

/** Fields that say where a message ends or belong to one connection: the stream writes its own. */
const framing: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Appends what of `headers` may be copied to the client, and gives the Content-Length that was left out. */
export function copyFields(headers: HeaderList, to: string[]): string | undefined {
  const { raw } = headers;
  let declared: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    const { length } = name;
    // Only these lengths occur among the framing fields.
    if (length === 2 || length === 7 || length === 10 || length === 14 || length >= 16) {
      const lower = name.toLowerCase();
      if (lower === "content-length") declared = raw[at + 1];
      if (framing.has(lower)) continue;
    }
    to.push(name, raw[at + 1] as string);
  }
  return declared;
}

/** Statuses whose responses have no body, whatever the headers say. */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 304 || status < 200;
}

/**
 * Content-Length to send, or undefined. A response to HEAD and a 304 tell what a GET would have, so the sender's own
 * figure counts; with none, an empty body says nothing about it.
 */
export function announcedLength(
  status: number,
  isHead: boolean,
  length: number | undefined,
  declared: string | undefined,
): string | undefined {
  if (status === 204 || status < 200) return undefined;
  if (isHead || status === 304) {
    if (declared !== undefined && /^\d{1,15}$/.test(declared)) return declared;
    return length === undefined || length === 0 ? undefined : String(length);
  }
  return length === undefined ? undefined : String(length);
}
