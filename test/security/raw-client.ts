import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TestGateway } from "#test/support/gateway.ts";

export interface RawResponse {
  readonly status: number;
  readonly fields: readonly string[];
  readonly body: string;
  /** X-Request-Id; empty when there is none. */
  readonly id: string;
}

/** Opens a connection to the gateway; over TLS with its own CA where it speaks that. */
export async function openRaw(gateway: TestGateway): Promise<Socket> {
  const secure = gateway.url.startsWith("https");
  const socket = secure
    ? connectTls({ port: gateway.port, host: "localhost", servername: "localhost", ca: gateway.ca })
    : connectTcp({ port: gateway.port, host: "127.0.0.1" });
  socket.on("error", () => {});
  await once(socket, secure ? "secureConnect" : "connect");
  return socket;
}

/**
 * Sends bytes (latin1) and reads until the gateway closes, or is silent for `silenceMs` after what it has answered.
 * @returns what came, as latin1 text
 */
export async function exchangeRaw(gateway: TestGateway, bytes: string, silenceMs: number = 5000): Promise<string> {
  const socket = await openRaw(gateway);
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
  });
  socket.setTimeout(silenceMs, () => socket.destroy());
  socket.write(bytes, "latin1");
  if (!socket.destroyed) await once(socket, "close");
  return answer;
}

/** One request with `Connection: close`, given as its target and lines of fields. */
export async function askRaw(
  gateway: TestGateway,
  target: string,
  fields: readonly string[] = [],
  method: string = "GET",
): Promise<RawResponse> {
  const lines = [`${method} ${target} HTTP/1.1`, "Host: localhost", "Connection: close", ...fields];
  const [first] = responsesOf(await exchangeRaw(gateway, `${lines.join("\r\n")}\r\n\r\n`));
  if (first === undefined) throw new Error(`no response to ${target}`);
  return first;
}

/** The responses in a stream of bytes. Interim ones are left out; what comes after a broken one is not looked at. */
export function responsesOf(text: string): RawResponse[] {
  const responses: RawResponse[] = [];
  let at = 0;
  for (;;) {
    const end = text.indexOf("\r\n\r\n", at);
    if (end < 0) return responses;
    const [line = "", ...lines] = text.slice(at, end).split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) throw new Error(`not a response: ${JSON.stringify(text.slice(at, at + 80))}`);
    const fields = lines.flatMap((each) => {
      const colon = each.indexOf(":");
      return [each.slice(0, colon), each.slice(colon + 1).trim()];
    });
    at = end + 4;
    if (status < 200) continue;
    const [body, next] = bodyOf(text, at, fields);
    responses.push({ status, fields, body, id: fieldOf(fields, "x-request-id") ?? "" });
    at = next;
  }
}

export function fieldOf(fields: readonly string[], lowerName: string): string | undefined {
  for (let at = 0; at < fields.length; at += 2) if (fields[at]?.toLowerCase() === lowerName) return fields[at + 1];
  return undefined;
}

function bodyOf(text: string, from: number, fields: readonly string[]): [body: string, next: number] {
  const length = fieldOf(fields, "content-length");
  if (length !== undefined) return [text.slice(from, from + Number(length)), from + Number(length)];
  if (fieldOf(fields, "transfer-encoding") === undefined) return [text.slice(from), text.length];
  let at = from;
  let body = "";
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) return [body, lineEnd < 0 ? text.length : text.indexOf("\r\n\r\n", at) + 4];
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 4 + size;
  }
}

/** A small deterministic generator, so that a failure can be repeated from its seed. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
