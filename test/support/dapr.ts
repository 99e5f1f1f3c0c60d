import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What the stand-in was asked. */
export interface DaprRequest {
  readonly method: string;
  readonly url: string;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface TestSidecar {
  readonly url: string;
  readonly seen: readonly DaprRequest[];
  close(): Promise<void>;
}

/**
 * A stand-in of Dapr's sidecar, which is not on this machine: it answers as Dapr's HTTP API reference has it for the
 * binding `mail`, the component `broker` with its topics `orders…`, and the application `echo.shop`.
 */
export async function startSidecar(): Promise<TestSidecar> {
  const seen: DaprRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const body = await text(request);
    seen.push({ method, url, contentType: headers["content-type"], body });
    const { status, answer } = answerTo(method, url);
    response.writeHead(status, { "content-type": "application/json" }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answerTo(method: string, url: string): { readonly status: number; readonly answer?: string } {
  const { pathname } = new URL(url, "http://sidecar");
  if (pathname.startsWith("/v1.0/invoke/echo.shop/method/")) return { status: 200, answer: `{"echo":"${url}"}` };
  if (pathname.startsWith("/v1.0/invoke/")) return failure(500, "ERR_DIRECT_INVOKE");
  if (method !== "POST") return failure(404, "ERR_METHOD_NOT_FOUND");
  if (pathname === "/v1.0/bindings/mail") return { status: 200, answer: '{"sent":true}' };
  if (pathname.startsWith("/v1.0/bindings/")) return failure(500, "ERR_INVOKE_OUTPUT_BINDING");
  if (pathname.startsWith("/v1.0/publish/broker/orders")) return { status: 204 };
  return failure(404, "ERR_PUBSUB_NOT_FOUND");
}

function failure(status: number, errorCode: string): { readonly status: number; readonly answer: string } {
  return { status, answer: JSON.stringify({ errorCode, message: "no" }) };
}
