import { type Agent, request } from "node:http";

export interface PlainInit {
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

/**
 * As much of fetch as the cache suite uses, over node:http: the runtime's own adds and removes header fields, and this
 * suite is about those.
 */
export function plainFetch(agent: Agent): (url: string, init?: PlainInit) => Promise<Response> {
  return (url, { method = "GET", headers = [], body } = {}) =>
    new Promise((resolve, reject) => {
      // Given a flat list, node:http adds nothing of its own.
      const list = ["Host", new URL(url).host, ...headers.flatMap(([name, value]) => [name, String(value)])];
      if (body !== undefined) list.push("Content-Length", String(Buffer.byteLength(body)));
      const sent = request(url, { method, agent, headers: list });
      sent.once("error", reject);
      sent.once("response", (received) => {
        const chunks: Buffer[] = [];
        received.on("data", (chunk: Buffer) => chunks.push(chunk));
        received.once("error", reject);
        received.once("end", () => {
          const { statusCode = 0, statusMessage = "", rawHeaders } = received;
          const fields = new Headers();
          for (let at = 0; at < rawHeaders.length; at += 2) {
            fields.append(rawHeaders[at] as string, rawHeaders[at + 1] as string);
          }
          resolve(responseOf(statusCode, statusMessage, fields, Buffer.concat(chunks).toString()));
        });
      });
      sent.end(body);
    });
}

/** `Response` itself takes no status above 599, nor a body with 304; this suite uses both. */
function responseOf(status: number, statusText: string, headers: Headers, text: string): Response {
  return { status, statusText, headers, text: () => Promise.resolve(text) } as unknown as Response;
}
