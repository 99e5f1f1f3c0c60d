import { Buffer } from "node:buffer";
import { Socket } from "node:net";
import type { Refusal } from "#model/decision.ts";
import type { EdgeSettings } from "#model/definition.ts";
import { chunkedBody } from "#wire/http1-framing.ts";
import { Connection } from "./connection.ts";
import { EdgeContext } from "./context.ts";
import { Http1Intake } from "./http1-intake.ts";
import { noMore, type RequestHead, RequestParser } from "./http1-request-parser.ts";

export interface ReadRequest {
  readonly method: string;
  readonly target: string;
  readonly minor: number;
  readonly fields: readonly string[];
  body: string;
  trailers: readonly string[];
  whole: boolean;
}

export interface RequestReading {
  readonly requests: readonly ReadRequest[];
  readonly refusal: Refusal | null;
  /** It ends within a request. */
  readonly isUnfinished: boolean;
  /** The one that came last ends the connection, or may switch protocols. */
  readonly isLast: boolean;
}

const limits = { headerBytes: 16_384, headerCount: 100 };
/** As much of them as a request is judged by. */
const settings = { trustedProxies: [], allowedHeaderNames: [], hsts: null, proxySecret: null, limits };
const context = new EdgeContext({
  settings: settings as unknown as EdgeSettings,
  certificates: [],
  onExchange: () => {},
  onRefused: () => {},
  clock: { now: () => 0, mono: () => 0 },
  newId: () => "",
  log: { info() {}, warn() {}, error() {} },
});
const connection = new Connection(new Socket(), "192.0.2.1", null, null, null, null);
const intake = new Http1Intake(context);

/**
 * All requests of `input`, as a connection that takes each of them would read them; up to the first that is its last, or
 * that may switch protocols.
 */
export function readRequests(input: Buffer, cuts: readonly number[] = []): RequestReading {
  const requests: ReadRequest[] = [];
  let refusal: Refusal | null = null;
  let isLast = false;
  const parser = new RequestParser(
    {
      head: ({ method, target, minor, fields }: RequestHead) => {
        refusal = intake.judge({ method, target, minor, fields }, connection);
        if (refusal !== null) return noMore;
        const leaves = offers(fields);
        requests.push({ method, target, minor, fields, body: "", trailers: [], whole: leaves });
        isLast = !intake.keepAlive || leaves;
        return leaves ? noMore : intake.bodyLength === undefined ? chunkedBody : Math.max(0, intake.bodyLength);
      },
      data: (chunk) => {
        (requests.at(-1) as ReadRequest).body += chunk.toString("latin1");
      },
      end: (trailers) => {
        Object.assign(requests.at(-1) as ReadRequest, { trailers: trailers ?? [], whole: true });
        if (isLast) parser.stop();
      },
    },
    () => limits,
  );
  const edges = [0, ...cuts, input.length];
  // Each piece in memory of its own, as reads are: what was kept of another must not be looked at.
  for (let at = 1; at < edges.length; at += 1) parser.push(Buffer.from(input.subarray(edges[at - 1], edges[at])));
  return { requests, refusal: refusal ?? parser.refusal, isUnfinished: !parser.isBetween && !parser.isStopped, isLast };
}

/** Names a protocol to go on in, and says so in Connection. */
function offers(fields: readonly string[]): boolean {
  const names = fields.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : ""));
  const options = fields.filter((_, at) => names[at - 1] === "connection").join(",");
  return (
    fields.some((value, at) => names[at - 1] === "upgrade" && value !== "") &&
    /(?:^|,)[\t ]*upgrade[\t ]*(?:,|$)/i.test(options)
  );
}
