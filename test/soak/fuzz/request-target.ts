import { isDeepStrictEqual } from "node:util";
import { type ReadRequest, readRequests } from "#edge/reading.test-helper.ts";
import type { Dice } from "#test/soak/support.ts";
import { httpPieces, requestSeeds } from "./http-seeds.ts";
import { llhttpRequests } from "./llhttp.ts";
import { cutsOf, mutate } from "./mutate.ts";
import type { Finding, Target } from "./target.ts";

/** What llhttp says of bytes behind a request that is the last one of its connection; here they are not looked at. */
const behindLast = "HPE_CLOSED_CONNECTION";

/** What is taken here and not by llhttp, by its error: RFC 9110 §5.5 has a tab behind a value be no part of it. */
const takenHere: ReadonlyMap<string, RegExp> = new Map([
  ["HPE_INVALID_TRANSFER_ENCODING", /^transfer-encoding:[^\r\n]*\t[ \t]*\r$/im],
  ["HPE_INVALID_CONTENT_LENGTH", /^content-length:[^\r\n]*\t[ \t]*\r$/im],
]);

/** Bytes of a client: read the same however they are cut, and never otherwise than llhttp reads them. */
export function requestTarget(): Target {
  const tally: Record<string, number> = { accepted: 0, "refused by both": 0, "whole requests": 0 };

  const run = (dice: Dice): Finding | null => {
    const input = mutate(requestSeeds, httpPieces, dice);
    const bytes = Buffer.from(input, "latin1");
    const own = readRequests(bytes);
    const cut = readRequests(bytes, cutsOf(bytes.length, dice));
    if (!isDeepStrictEqual(own.requests, cut.requests) || (own.refusal === null) !== (cut.refusal === null)) {
      return { problem: `cut into pieces it is read differently: ${JSON.stringify({ own, cut })}`, input };
    }
    const other = llhttpRequests(bytes);
    if (other.error !== null && takenHere.get(other.error)?.test(input) === true) {
      tally["a tab behind a value that llhttp refuses"] = (tally["a tab behind a value that llhttp refuses"] ?? 0) + 1;
      return null;
    }
    const show = (): string => JSON.stringify({ own, other });
    const whole = own.requests.filter((request) => request.whole);
    // What is behind it is nobody's request here, whatever it is for llhttp.
    const isOver = own.isLast && !own.isUnfinished;
    tally["whole requests"] = (tally["whole requests"] ?? 0) + whole.length;
    for (const [at, request] of whole.entries()) {
      const expected = other.requests[at];
      if (expected === undefined || !same(request, expected)) {
        return { problem: `request ${at} is another one for llhttp: ${show()}`, input };
      }
    }
    if (own.refusal !== null) {
      const isBoth = other.error !== null && other.error !== behindLast;
      const name = isBoth ? "refused by both" : `refused here alone: ${own.refusal.detail ?? ""}`;
      tally[name] = (tally[name] ?? 0) + 1;
      return null;
    }
    const isRefusedThere = other.error !== null && other.error !== behindLast;
    const name = isOver
      ? "accepted, the last of its connection"
      : !own.isUnfinished
        ? "accepted"
        : isRefusedThere
          ? "unfinished, refused by llhttp already"
          : "unfinished";
    tally[name] = (tally[name] ?? 0) + 1;
    if (isOver) return null;
    if (isRefusedThere && !own.isUnfinished) {
      return { problem: `llhttp refuses it: ${show()}`, input };
    }
    const count = (requests: readonly { readonly whole: boolean }[]): number =>
      requests.filter((request) => request.whole).length;
    return count(other.requests) === whole.length ? null : { problem: `llhttp reads more: ${show()}`, input };
  };
  return { name: "request", lanes: 1, run, tally, close: async () => {} };
}

function same(own: ReadRequest, other: ReadRequest): boolean {
  return (
    own.method === other.method &&
    own.target === other.target &&
    own.minor === other.minor &&
    own.body === other.body &&
    other.whole &&
    isDeepStrictEqual(own.fields, other.fields) &&
    isDeepStrictEqual(own.trailers, other.trailers)
  );
}
