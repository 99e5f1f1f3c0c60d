import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Pebble } from "./pebble.ts";

/** Stands in for what pebble 2.4 lacks: it adds renewal information (RFC 9773) to an authority, and notes what is replaced. */
export interface AriFront {
  readonly directory: string;
  /** The window that it suggests for every certificate but those in `quiet`. */
  window: { readonly start: string; readonly end: string } | null;
  /** Identifiers that it was asked about. */
  readonly asked: string[];
  /** `replaces` of each new order. */
  readonly replaced: (string | undefined)[];
  stop(): Promise<void>;
}

/** @param own certificate and key for `127.0.0.1`, PEM */
export async function startAriFront(
  pebble: Pebble,
  own: { readonly cert: string; readonly key: string },
): Promise<AriFront> {
  const behind = new URL(pebble.directory);
  const asked: string[] = [];
  const replaced: (string | undefined)[] = [];
  const front = { window: null } as { window: AriFront["window"] };
  const server: Server = createServer(own, (incoming, response) => {
    void (async () => {
      const body = await readAll(incoming);
      const { url = "/", headers } = incoming;
      if (url.startsWith("/ari/")) {
        asked.push(url.slice("/ari/".length));
        response.writeHead(front.window === null ? 404 : 200, { "retry-after": "21600" });
        response.end(JSON.stringify({ suggestedWindow: front.window }));
        return;
      }
      if (url === "/order-plz") replaced.push(replacesOf(body));
      const answer = await forward(pebble, behind, url, incoming, body);
      // Pebble makes its URLs of the Host that it was asked by, so they lead here.
      const isDirectory = url === behind.pathname;
      const text = isDirectory ? withRenewalInfo(answer.body, `https://${headers.host}/ari`) : answer.body;
      const { "content-length": _, "transfer-encoding": _t, ...kept } = answer.headers;
      response.writeHead(answer.status, kept).end(text);
    })().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return Object.assign(front, {
    directory: `https://127.0.0.1:${port}${behind.pathname}`,
    asked,
    replaced,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

function withRenewalInfo(body: Buffer, renewalInfo: string): string {
  return JSON.stringify({ ...(JSON.parse(String(body)) as object), renewalInfo });
}

function replacesOf(body: Buffer): string | undefined {
  const { payload = "" } = JSON.parse(String(body)) as { payload?: string };
  const text = Buffer.from(payload, "base64url").toString();
  return (JSON.parse(text === "" ? "{}" : text) as { replaces?: string }).replaces;
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

function forward(pebble: Pebble, behind: URL, path: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const { method, headers } = incoming;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port: behind.port, path, method, headers, ca: pebble.root },
      (response) => {
        readAll(response).then(
          (bytes) => resolve({ status: response.statusCode ?? 502, headers: response.headers, body: bytes }),
          reject,
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
