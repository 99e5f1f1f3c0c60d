import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface TestUpstream {
  readonly url: string;
  /** Requests seen, newest last. */
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
}

/** A real HTTP upstream that keeps what it saw and answers `{"path", "caller"}` unless told otherwise. */
export async function startUpstream(
  answer?: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestUpstream> {
  const seen: SeenRequest[] = [];
  const server: Server = createServer((request, response) => {
    const { method = "", url = "", headers, rawHeaders } = request;
    seen.push({ method, url, headers, rawHeaders });
    if (answer !== undefined) return answer(request, response);
    request.resume();
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ path: url }));
    return undefined;
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
