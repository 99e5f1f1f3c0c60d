import { ResponseParser, type ResponseLimits } from "./http1-response-parser.ts";

export interface ReadResponse {
  readonly status: number;
  readonly statusText: string;
  readonly fields: string[];
  body: string;
  trailers: string[] | null;
  complete: boolean;
}

export interface Reading {
  readonly responses: ReadResponse[];
  readonly problem: string | null;
}

export interface ReadOptions {
  readonly bodyless?: boolean;
  readonly limits?: ResponseLimits;
  /** Where the input is cut into reads. */
  readonly cuts?: readonly number[];
  /** The sender closes behind the input. Default true. */
  readonly close?: boolean;
}

/** All responses of `input`, one after another as a connection would read them; stops where the connection would. */
export function readResponses(input: Buffer, options: ReadOptions = {}): Reading {
  const parser = new ResponseParser(options.limits);
  const responses: ReadResponse[] = [];
  let keepAlive = true;
  const handler = {
    interim: (status: number, fields: string[]) => {
      responses.push({ status, statusText: "", fields, body: "", trailers: null, complete: true });
    },
    head: (head: { status: number; statusText: string; fields: string[]; framing: { keepAlive: boolean } }) => {
      const { status, statusText, fields } = head;
      keepAlive = head.framing.keepAlive;
      responses.push({ status, statusText, fields, body: "", trailers: null, complete: false });
    },
    data: (chunk: Buffer) => {
      (responses.at(-1) as ReadResponse).body += chunk.toString("latin1");
    },
  };
  parser.begin(handler, options.bodyless ?? false);
  for (const piece of pieces(input, options.cuts ?? [])) {
    let at = 0;
    while (at < piece.length && !parser.isMalformed) {
      at += parser.push(piece.subarray(at));
      if (!parser.isComplete) continue;
      settle(parser, responses);
      if (!keepAlive) return { responses, problem: null };
      parser.begin(handler, options.bodyless ?? false);
    }
  }
  if (options.close !== false && parser.headRead && parser.finish()) settle(parser, responses);
  return { responses, problem: parser.problem };
}

function settle(parser: ResponseParser, responses: ReadResponse[]): void {
  const last = responses.at(-1) as ReadResponse;
  last.trailers = parser.trailers;
  last.complete = true;
}

function pieces(input: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...cuts, input.length];
  return edges.slice(1).map((edge, at) => input.subarray(edges[at], edge));
}
