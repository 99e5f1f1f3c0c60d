import { Buffer } from "node:buffer";
import type { CustomFetch } from "openid-client";
import { checkedUrl, type MetadataSource } from "#identity/discovery.ts";
import type { Egress } from "#model/ports.ts";

const timeoutMs = 5000;
const maxBytes = 256 * 1024;
const bodyless: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/**
 * Lets a protocol library do its requests through {@link Egress}: the issuer's own origin stands in the definition, any
 * other is the provider's choice, so `egress.allow` decides. A provider on https cannot send us to clear text.
 */
export function providerFetch({ base, keyOrigins, ca }: MetadataSource, egress: Egress): CustomFetch {
  const origins = new Set([new URL(base).origin, ...keyOrigins]);
  return async (url, { method, headers, body, signal }) => {
    const declared = origins.has(new URL(checkedUrl(url, base)).origin);
    const bytes = bytesOf(body);
    const response = await egress.fetch({
      url,
      method,
      headers: Object.entries(headers).flat(),
      ...(bytes === undefined ? {} : { body: bytes }),
      ...(signal ? { signal } : {}),
      // Each login and each look after a session asks: a handshake for each would cost more than all the rest.
      ...(declared ? { keepAlive: true as const } : {}),
      timeoutMs,
      maxBytes,
      declared,
      ...(ca === undefined ? {} : { ca }),
    });
    return toResponse(response);
  };
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (body instanceof URLSearchParams || typeof body === "string") return Buffer.from(String(body));
  if (body instanceof Uint8Array) return body;
  throw new TypeError("a body of another kind");
}

function toResponse({ status, headers, body }: Awaited<ReturnType<Egress["fetch"]>>): Response {
  const fields: [string, string][] = [];
  for (let at = 0; at < headers.raw.length; at += 2) {
    fields.push([headers.raw[at] as string, headers.raw[at + 1] as string]);
  }
  return new Response(bodyless.has(status) ? null : Buffer.from(body), { status, headers: fields });
}
