import type { CsBody, CsContext, CsHeaders, CsRequest, CsResponse } from "./context/provider.ts";
import { ResponseView } from "./context/views.ts";

/** Headers of pairs. */
export function headersOf(pairs: readonly (readonly [name: string, value: string])[]): CsHeaders {
  return {
    values: (name) => pairs.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value),
    names: () => new Set(pairs.map(([name]) => name)),
  };
}

export function bodyOfText(text: string): CsBody {
  let isConsumed = false;
  return {
    charset: null,
    bytes: () => {
      if (isConsumed) throw new Error("consumed");
      return new TextEncoder().encode(text);
    },
    consume: () => {
      isConsumed = true;
    },
  };
}

export function responseOf(status: number, body: string): ResponseView {
  const response: CsResponse = { statusCode: status, statusReason: "", headers: headersOf([]), body: bodyOfText(body) };
  return new ResponseView(response);
}

const request: CsRequest = {
  method: "GET",
  ipAddress: "192.0.2.1",
  originalUrl: { href: "https://api.example.com/orders/7?a=1&a=2&b=x%20y" },
  url: { href: "http://backend.example/orders/7?a=1" },
  matchedParameters: { id: "7" },
  certificate: null,
  privateEndpoint: null,
  headers: headersOf([
    ["X-Role", "a"],
    ["x-role", "b"],
    ["Host", "api.example.com"],
  ]),
  body: null,
};

/** A GET of `/orders/7` under a subscription. */
export function contextOf(given: Partial<CsContext> & { readonly body?: string } = {}): CsContext {
  return {
    requestId: "0123456789abcdef0123456789abcdef",
    timestamp: Date.UTC(2026, 0, 2, 3, 4, 5),
    elapsed: 1500,
    tracing: false,
    trace: () => undefined,
    request: given.body === undefined ? request : { ...request, body: bodyOfText(given.body) },
    response: null,
    variables: new Map(),
    api: null,
    operation: { id: "get-order", name: "Get order", method: "GET", urlTemplate: "/orders/{id}" },
    product: null,
    subscription: null,
    user: null,
    deployment: {
      gatewayId: "gw",
      region: "West Europe",
      serviceName: "s",
      serviceId: "s",
      isManaged: false,
      instanceId: "i",
      certificates: new Map(),
    },
    lastError: null,
    workspace: null,
    graphQL: null,
    ...given,
  };
}
