import { Buffer } from "node:buffer";
import { clientScheme } from "#model/client-scheme.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { messageOf } from "#policy/message.ts";
import { replaceBytes } from "#policy/replace-bytes.ts";

/**
 * Links to the backend lead to the API here, and in inbound the other way round. The URLs are those by which the
 * backend is known here; in JSON their slashes may be escaped.
 */
export function link(_node: PolicyNode, { section, ports }: LinkContext): Run {
  const message = messageOf(section);
  const outwards = section !== "inbound";
  return (exchange) => {
    let body = message.bodyToChange(exchange);
    if (body === undefined || body.byteLength === 0) return undefined;
    const before = body;
    const own = ownUrl(exchange);
    // The longest first: one may be the beginning of another.
    const theirs = backendUrls(exchange, ports.backends).toSorted((one, other) => other.length - one.length);
    for (const url of outwards ? theirs : theirs.slice(0, 1)) {
      const [from, to] = outwards ? [url, own] : [own, url];
      body = replaceUrl(body, from, to, ports.bodies.maxBytes);
      body = replaceUrl(body, escaped(from), escaped(to), ports.bodies.maxBytes);
    }
    if (body !== before) message.setBody(exchange, body);
    return undefined;
  };
}

function replaceUrl(body: Uint8Array, from: string, to: string, maxBytes: number): Uint8Array {
  const replacing = { from: Buffer.from(from), to: Buffer.from(to), step: 1, maxBytes, follows: endsUrl };
  return replaceBytes(body, replacing) ?? body;
}

/** `http://a:90` is not the beginning of `http://a:9000`, nor `http://a` that of `http://a.example`. */
function endsUrl(next: number | undefined): boolean {
  return next === undefined || !/[\w.:@%~-]/.test(String.fromCharCode(next));
}

function escaped(url: string): string {
  return url.replaceAll("/", "\\/");
}

function ownUrl({ facts, api }: Exchange): string {
  return withoutSlash(`${clientScheme(facts)}://${facts.authority}${api?.path ?? ""}`);
}

function backendUrls({ request }: Exchange, backends: LinkContext["ports"]["backends"]): readonly string[] {
  if (request.baseUrl !== null) return [withoutSlash(request.baseUrl)];
  return (backends[request.backend]?.targets ?? []).map(({ url }) => withoutSlash(url));
}

function withoutSlash(url: string): string {
  return url.endsWith("/") ? url.slice(0, -1) : url;
}
