import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface BusMessage {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface TestServiceBus {
  readonly url: string;
  readonly seen: readonly BusMessage[];
  close(): Promise<void>;
}

/** How the stand-in tells who sends. */
export interface BusAccess {
  readonly keyName: string;
  readonly key: string;
  readonly token: string;
}

/**
 * A stand-in of Azure Service Bus, which is not on this machine: it takes messages as its REST reference has it, from
 * whoever shows the token, or a signature of the key that holds for the queue and for now.
 */
export async function startServiceBus(access: BusAccess): Promise<TestServiceBus> {
  const seen: BusMessage[] = [];
  const server = createServer(async (request, response) => {
    const { url = "", headers, method } = request;
    const body = await text(request);
    if (!isAllowed(headers, url, access)) return void response.writeHead(401).end();
    const known = method === "POST" && /^\/(?:orders|shop\/orders)\/messages$/.test(url);
    if (!known) return void response.writeHead(404).end();
    seen.push({ url, headers, body });
    return void response.writeHead(201).end();
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

function isAllowed({ authorization = "", host }: IncomingHttpHeaders, url: string, access: BusAccess): boolean {
  if (authorization === `Bearer ${access.token}`) return true;
  const [scheme, fields] = authorization.split(" ");
  if (scheme !== "SharedAccessSignature") return false;
  const { sr = "", sig, se = "", skn } = Object.fromEntries(new URLSearchParams(fields)) as Record<string, string>;
  const resource = `http://${host}${url.replace(/\/messages$/, "")}`;
  const expected = createHmac("sha256", access.key)
    .update(`${encodeURIComponent(sr)}\n${se}`)
    .digest("base64");
  return sr === resource && Number(se) * 1000 > Date.now() && skn === access.keyName && sig === expected;
}
