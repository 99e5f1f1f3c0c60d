import { clientScheme } from "#model/client-scheme.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { ReceivedResponse } from "#model/received-response.ts";
import type { CsBody, CsHeaders, CsRequest, CsResponse } from "#notation/csharp/context/provider.ts";
import { upstreamUrl } from "#policy/upstream-url.ts";
import { bodyConsumed, bodyNotBuffered } from "#notation/csharp/context/body-errors.ts";

/** Stands for a body that an expression has read without preserving it; what is forwarded then is empty. */
const consumed = new Uint8Array(0);

export function requestOf(exchange: Exchange): CsRequest {
  const { facts, request, parameters } = exchange;
  const own = `${clientScheme(facts)}://${facts.authority}`;
  return {
    method: request.method,
    ipAddress: facts.clientAddress,
    originalUrl: { href: `${own}${facts.target}` },
    url: { href: upstreamUrl(exchange) },
    matchedParameters: parameters,
    certificate: facts.tls?.certificate?.path[0] ?? null,
    privateEndpoint: null,
    headers: headersOf(request.headers),
    body: requestBody(exchange),
  };
}

function requestBody(exchange: Exchange): CsBody | null {
  const { request, facts } = exchange;
  if (request.body === null || (request.body === undefined && facts.body === null)) return null;
  return {
    charset: charsetIn(request.headers),
    bytes: () => readable(request.body),
    consume: () => {
      request.body = consumed;
    },
  };
}

export function responseOf({ response }: Exchange): CsResponse | null {
  if (response === null) return null;
  const { body } = response;
  return {
    statusCode: response.status,
    statusReason: response.statusText,
    headers: headersOf(response.headers),
    body:
      body === null
        ? null
        : {
            charset: charsetIn(response.headers),
            bytes: () => readable(response.body instanceof Uint8Array ? response.body : undefined),
            consume: () => {
              response.body = consumed;
            },
          },
  };
}

function readable(body: Uint8Array | null | undefined): Uint8Array {
  if (body === consumed) throw bodyConsumed();
  if (body === undefined || body === null) throw bodyNotBuffered();
  return body;
}

/** Responses to calls of policies that have been read without being preserved. */
const read = new WeakSet<ReceivedResponse>();

export function receivedResponse(response: ReceivedResponse): CsResponse {
  return {
    statusCode: response.status,
    statusReason: response.statusText,
    headers: headersOf(response.headers),
    body: {
      charset: charsetIn(response.headers),
      bytes: () => {
        if (read.has(response)) throw bodyConsumed();
        return response.body;
      },
      consume: () => void read.add(response),
    },
  };
}

function headersOf(headers: HeaderList): CsHeaders {
  return {
    values: (name) => headers.all(name.toLowerCase()),
    names: () => namesOf(headers),
  };
}

function namesOf({ raw }: HeaderList): Iterable<string> {
  const found = new Map<string, string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    const lower = name.toLowerCase();
    if (!found.has(lower)) found.set(lower, name);
  }
  return found.values();
}

function charsetIn(headers: HeaderList): string | null {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(headers.get("content-type") ?? "")?.[1] ?? null;
}
