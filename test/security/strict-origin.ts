import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

export interface OriginRequest {
  readonly method: string;
  readonly target: string;
  /** Flat, as received. */
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

export interface StrictOrigin {
  readonly url: string;
  readonly port: number;
  readonly requests: OriginRequest[];
  /** Bytes that are no request by the letter of RFC 9112. */
  readonly violations: string[];
  close(): Promise<void>;
}

/** Reads HTTP/1.1 requests to the letter, so that it shows what a gateway lets through to a server that is not. */
export async function startStrictOrigin(): Promise<StrictOrigin> {
  const requests: OriginRequest[] = [];
  const violations: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    serve(socket, requests, violations);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A test that fails before it can close this must end all the same.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    violations,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function serve(socket: Socket, requests: OriginRequest[], violations: string[]): void {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (;;) {
      const read = readRequest(text);
      if (read === null) return;
      if (typeof read === "string") {
        violations.push(`${read}: ${JSON.stringify(text.slice(0, 200))}`);
        socket.destroy();
        return;
      }
      text = text.slice(read.length);
      requests.push(read.request);
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
}

interface Read {
  readonly request: OriginRequest;
  readonly length: number;
}

/** @returns null: more is needed; a text: what is wrong */
function readRequest(text: string): Read | string | null {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return text.length > 65_536 ? "endless head" : null;
  const [line = "", ...lines] = text.slice(0, end).split("\r\n");
  const first = /^([A-Z!#$%&'*+.^_`|~0-9a-z-]+) (\/[\x21-\x7e]*) HTTP\/1\.1$/.exec(line);
  if (first === null) return "request line";
  const fields = readFields(lines);
  if (fields === null) return "field";
  const body = readBody(text, end + 4, fields);
  if (body === null || typeof body === "string") return body;
  const [, method = "", target = ""] = first;
  return { request: { method, target, fields, body: body.body, trailers: body.trailers }, length: body.length };
}

function readFields(lines: readonly string[]): string[] | null {
  const fields: string[] = [];
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/.exec(line);
    if (match === null) return null;
    fields.push(match[1] ?? "", match[2] ?? "");
  }
  return fields;
}

export function valuesOf(fields: readonly string[], lowerName: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at]?.toLowerCase() === lowerName) values.push(fields[at + 1] ?? "");
  }
  return values;
}

interface ReadBody {
  readonly body: string;
  readonly trailers: readonly string[];
  readonly length: number;
}

function readBody(text: string, from: number, fields: readonly string[]): ReadBody | string | null {
  if (valuesOf(fields, "host").length !== 1) return "host";
  const lengths = valuesOf(fields, "content-length");
  const codings = valuesOf(fields, "transfer-encoding");
  if (lengths.length + codings.length > 1) return "two framings";
  const [length] = lengths;
  if (length !== undefined) {
    if (!/^\d{1,9}$/.test(length)) return "length";
    const to = from + Number(length);
    return text.length < to ? null : { body: text.slice(from, to), trailers: [], length: to };
  }
  if (codings.length === 0) return { body: "", trailers: [], length: from };
  return codings[0] === "chunked" ? readChunks(text, from) : "coding";
}

function readChunks(text: string, from: number): ReadBody | string | null {
  let at = from;
  let body = "";
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = text.slice(at, lineEnd);
    if (!/^[0-9a-fA-F]{1,8}$/.test(size)) return "chunk size";
    at = lineEnd + 2;
    const bytes = Number.parseInt(size, 16);
    if (bytes === 0) return readTrailers(text, at, body);
    if (text.length < at + bytes + 2) return null;
    body += text.slice(at, at + bytes);
    at += bytes;
    if (text.slice(at, at + 2) !== "\r\n") return "chunk end";
    at += 2;
  }
}

function readTrailers(text: string, from: number, body: string): ReadBody | string | null {
  if (text.startsWith("\r\n", from)) return { body, trailers: [], length: from + 2 };
  const end = text.indexOf("\r\n\r\n", from);
  if (end < 0) return null;
  const trailers = readFields(text.slice(from, end).split("\r\n"));
  return trailers === null ? "trailer" : { body, trailers, length: end + 4 };
}
