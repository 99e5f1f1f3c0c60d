import { isDeepStrictEqual } from "node:util";
import { type ReadResponse, readResponses } from "#wire/reading.test-helper.ts";
import type { Dice } from "#test/soak/support.ts";
import { httpPieces, responseSeeds } from "./http-seeds.ts";
import { cutsOf, mutate } from "./mutate.ts";
import { type ReferenceMessage, referenceResponses } from "./reference.ts";
import type { Finding, Target } from "./target.ts";

/** Bytes of an upstream: read the same however they are cut, and never read as anything that the reference does not read. */
export function responseTarget(): Target {
  const tally = { accepted: 0, refused: 0, partial: 0 };
  const run = (dice: Dice): Finding | null => {
    const input = mutate(responseSeeds, httpPieces, dice);
    const bytes = Buffer.from(input, "latin1");
    const whole = readResponses(bytes);
    const pieces = readResponses(bytes, { cuts: cutsOf(bytes.length, dice) });
    if (whole.problem !== null) tally.refused += 1;
    else if (whole.responses.every(({ complete }) => complete)) tally.accepted += 1;
    else tally.partial += 1;
    if (
      !isDeepStrictEqual(whole.responses, pieces.responses) ||
      (whole.problem === null) !== (pieces.problem === null)
    ) {
      return { problem: `cut into pieces it reads differently: ${JSON.stringify({ whole, pieces })}`, input };
    }
    const complete = whole.responses.filter((response) => response.complete);
    const reference = referenceResponses(input);
    for (const [at, response] of complete.entries()) {
      const expected = reference[at];
      if (expected === undefined || !same(response, expected)) {
        return {
          problem: `response ${at} is read as ${JSON.stringify(response)}, not ${JSON.stringify(expected)}`,
          input,
        };
      }
    }
    return null;
  };
  return { name: "response", lanes: 1, run, tally, close: async () => {} };
}

function same(read: ReadResponse, expected: ReferenceMessage): boolean {
  return (
    read.status === Number(expected.line.slice(9, 12)) &&
    read.body === expected.body &&
    isDeepStrictEqual(read.fields, expected.fields.flat()) &&
    isDeepStrictEqual(read.trailers ?? [], expected.trailers.flat())
  );
}
