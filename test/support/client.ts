import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { TestGateway } from "./gateway.ts";

export interface TestResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly text: string;
  json(): Record<string, unknown>;
}

export interface TestRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** A fresh connection, so that the system may choose another worker. */
  readonly fresh?: boolean;
}

/** One HTTP/1.1 request with the gateway's own CA. The path is sent as it is written. */
export function call(gateway: TestGateway, path: string, options: TestRequest = {}): Promise<TestResponse> {
  const secure = gateway.url.startsWith("https");
  const agent = secure && options.fresh === true ? { agent: new Agent({ keepAlive: false, ca: gateway.ca }) } : {};
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(
      {
        host: "localhost",
        port: gateway.port,
        path,
        method: options.method ?? "GET",
        headers: options.headers as Record<string, string | string[]> | undefined,
        ...(secure ? { ca: gateway.ca } : {}),
        ...agent,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            text,
            json: () => JSON.parse(text) as Record<string, unknown>,
          });
        });
      },
    );
    request.on("error", reject);
    request.end(options.body);
  });
}
