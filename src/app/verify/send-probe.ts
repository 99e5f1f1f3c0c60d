import { Buffer } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import { request as secureRequest } from "node:https";
import { isIP } from "node:net";
import { request as plainRequest } from "#lib/node-http.ts";

/** Where requests go, whatever host they are for. */
export interface ProbeGateway {
  /** Null: the host and port of the URL. */
  readonly connect: { readonly host: string; readonly port: number } | null;
  /** PEM; trusted besides those that the system trusts. */
  readonly ca: readonly string[];
}

export interface Probe {
  readonly method: string;
  readonly url: string;
  /** Flat `[name, value, …]`. */
  readonly headers: readonly string[];
  /**
   * `withheld`: a body is announced and never sent. Whoever refuses does so all the same, and a backend that the request
   * should never have reached waits for the body in vain instead of doing what it was asked to.
   */
  readonly body: string | "none" | { readonly kind: "withheld" };
  readonly timeoutMs: number;
  /** Of the answer's body. Default: 64 KiB. */
  readonly bodyBytes?: number;
  /** Which of this machine's addresses it comes from; absent: the system's choice. */
  readonly localAddress?: string;
  /** Instead of the URL's. */
  readonly host?: string;
  /** In SNI, and what the certificate must be for, instead of the URL's host. */
  readonly serverName?: string;
}

export interface ProbeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As they came, flat `[name, value, …]`. */
  readonly rawHeaders: readonly string[];
  /** Its beginning. */
  readonly body: Buffer;
  /** It goes on behind `body`. */
  readonly isCut: boolean;
  /** `body` as UTF-8. */
  readonly text: string;
  readonly ms: number;
  /** Where it was asked from. */
  readonly localAddress: string;
}

const mostBytes = 64 * 1024;

/** RFC 6066 §3: no addresses in SNI. */
function named(name: string): { readonly servername?: string } {
  return isIP(name.replace(/^\[|\]$/g, "")) === 0 ? { servername: name } : {};
}

/** One request on a connection of its own. @returns what went wrong, in words, where no answer came */
export function sendProbe({ connect, ca }: ProbeGateway, probe: Probe): Promise<ProbeAnswer | string> {
  const url = new URL(probe.url);
  const secure = url.protocol === "https:";
  const started = performance.now();
  const announced = typeof probe.body === "object" ? ["Content-Length", "1"] : [];
  const length = typeof probe.body === "string" && probe.body !== "none" ? probe.body : null;
  const sized = length === null ? announced : ["Content-Length", String(Buffer.byteLength(length))];
  return new Promise((resolve) => {
    const call = (secure ? secureRequest : plainRequest)({
      host: connect?.host ?? url.hostname,
      port: connect?.port ?? (url.port === "" ? (secure ? 443 : 80) : Number(url.port)),
      method: probe.method,
      path: `${url.pathname}${url.search}`,
      headers: ["Host", probe.host ?? url.host, "Connection", "close", ...probe.headers, ...sized],
      setHost: false,
      agent: false,
      ...(probe.localAddress === undefined ? {} : { localAddress: probe.localAddress }),
      ...(secure ? { ...named(probe.serverName ?? url.hostname), ca: [...ca] } : {}),
    });
    const end = (outcome: ProbeAnswer | string): void => {
      call.destroy();
      resolve(outcome);
    };
    const late = setTimeout(() => end(`no answer within ${probe.timeoutMs / 1000} s`), probe.timeoutMs);
    late.unref();
    call.on("close", () => clearTimeout(late));
    call.on("error", (error: NodeJS.ErrnoException) => end(error.message || (error.code ?? "the connection failed")));
    let localAddress = "";
    call.on("socket", (socket) => socket.once("connect", () => (localAddress = socket.localAddress ?? "")));
    call.on("response", (response) => {
      const chunks: Buffer[] = [];
      const most = probe.bodyBytes ?? mostBytes;
      let taken = 0;
      const done = (): void => {
        const { statusCode: status = 0, headers, rawHeaders } = response;
        const body = Buffer.concat(chunks).subarray(0, most);
        const bytes = { body, isCut: taken > most, text: body.toString("utf8") };
        end({ status, headers, rawHeaders, ...bytes, ms: performance.now() - started, localAddress });
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        taken += chunk.byteLength;
        if (taken > most) done();
      });
      response.on("end", done);
      response.on("error", done);
    });
    if (typeof probe.body === "object") call.flushHeaders();
    else call.end(length ?? undefined);
  });
}
