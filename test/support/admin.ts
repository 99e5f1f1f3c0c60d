import { type IncomingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import type { TestGateway } from "./gateway.ts";

export interface AdminResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // What it holds is what tests ask about.
  json(): Record<string, unknown>;
}

export interface AdminRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function adminSocket(gateway: TestGateway): string {
  return join(gateway.data, "admin.sock");
}

/** One call over the gateway's admin socket. `what`: `GET /status`. */
export function askAdmin(gateway: TestGateway, what: string, options: AdminRequest = {}): Promise<AdminResponse> {
  const [method = "", path = ""] = what.split(" ");
  return new Promise((resolve, reject) => {
    const { headers = {}, body } = options;
    const call = request(
      { socketPath: adminSocket(gateway), method, path, headers: { host: "localhost", ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => {
          const { statusCode: status = 0, headers: fields } = response;
          resolve({ status, headers: fields, text, json: () => JSON.parse(text) as Record<string, unknown> });
        });
        response.on("error", reject);
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

/** PUT of a definition, based on what is in force unless `ifMatch` says otherwise. */
export async function applyText(gateway: TestGateway, text: string, ifMatch?: string): Promise<AdminResponse> {
  const etag = ifMatch ?? String((await askAdmin(gateway, "GET /config")).headers.etag);
  const headers = { "content-type": "application/yaml", "if-match": etag };
  return askAdmin(gateway, "PUT /config", { headers, body: text });
}
