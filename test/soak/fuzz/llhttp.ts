import { createRequire } from "node:module";
import type { ReadRequest } from "#edge/reading.test-helper.ts";

export interface LlhttpReading {
  readonly requests: readonly ReadRequest[];
  /** Code of its error, or null. */
  readonly error: string | null;
}

type HeadersComplete = (
  major: number,
  minor: number,
  fields: string[] | undefined,
  method: number,
  target: string | undefined,
  status: undefined,
  reason: undefined,
  upgrade: boolean,
) => number;

interface Parser {
  initialize(type: number, resource: object, maxHeaderSize: number, lenient: number): void;
  execute(bytes: Buffer): number | Error;
  /** Gives its memory back; until then the runtime holds it, whether anybody refers to it or not. Not within `execute`. */
  close(): void;
  [event: number]: unknown;
}

/** Node's own binding of llhttp, as strict as its server has it; no documented part of Node, and asked here alone. */
const { HTTPParser } = createRequire(import.meta.url)("_http_common") as {
  readonly HTTPParser: {
    new (): Parser;
    readonly REQUEST: number;
    readonly kOnHeaders: number;
    readonly kOnHeadersComplete: number;
    readonly kOnBody: number;
    readonly kOnMessageComplete: number;
  };
};

/** In llhttp's order. */
const methods =
  "DELETE GET HEAD POST PUT CONNECT OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK BIND REBIND UNBIND ACL REPORT MKACTIVITY CHECKOUT MERGE M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE PATCH PURGE MKCALENDAR LINK UNLINK SOURCE PRI DESCRIBE ANNOUNCE SETUP PLAY PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER REDIRECT RECORD FLUSH QUERY".split(
    " ",
  );

/** All requests of `input` as llhttp reads them, up to its error, an offer to switch protocols, or CONNECT. */
export function llhttpRequests(input: Buffer): LlhttpReading {
  const parser = new HTTPParser();
  const requests: ReadRequest[] = [];
  let early: string[] = [];
  let earlyTarget = "";
  parser.initialize(HTTPParser.REQUEST, {}, 16_384 + 64, 0);
  parser[HTTPParser.kOnHeaders] = (fields: string[], target: string): void => {
    early.push(...fields);
    earlyTarget += target;
  };
  const headersComplete: HeadersComplete = (_major, minor, fields, method, target, _status, _reason, upgrade) => {
    requests.push({
      method: methods[method] ?? `method ${method}`,
      target: target ?? earlyTarget,
      minor,
      fields: fields ?? early,
      body: "",
      trailers: [],
      whole: false,
    });
    early = [];
    earlyTarget = "";
    return upgrade ? 2 : 0;
  };
  parser[HTTPParser.kOnHeadersComplete] = headersComplete;
  parser[HTTPParser.kOnBody] = (chunk: Buffer): void => {
    (requests.at(-1) as ReadRequest).body += chunk.toString("latin1");
  };
  parser[HTTPParser.kOnMessageComplete] = (): void => {
    Object.assign(requests.at(-1) as ReadRequest, { trailers: early, whole: true });
    early = [];
    earlyTarget = "";
  };
  const result = parser.execute(input);
  parser.close();
  return { requests, error: result instanceof Error ? String((result as NodeJS.ErrnoException).code) : null };
}
