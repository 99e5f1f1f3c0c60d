import { GatewayError } from "#model/errors.ts";
import { HeaderList } from "#model/header-list.ts";
import { canDecode, codingsOf } from "#policy/body-codings.ts";
import { decodeBody } from "#policy/decode-body.ts";
import type { SeenAnswer } from "#shadow/seen-answer.ts";

/**
 * An answer without the codings of its body, undone on the threads of libuv's pool: a worker has others to serve. One
 * that is not whole, that grows beyond the bound or is not what it says stays as it came.
 * @param most bytes that may come out
 */
export async function decodeAnswer(answer: SeenAnswer, most: number): Promise<SeenAnswer> {
  const headers = new HeaderList([...answer.headers]);
  const codings = codingsOf(headers);
  if (codings.length === 0 || answer.isCut || answer.body.byteLength === 0 || !canDecode(codings)) return answer;
  headers.delete("content-encoding");
  let left = most;
  const take = (bytes: number): GatewayError | undefined => ((left -= bytes) < 0 ? tooLong() : undefined);
  try {
    return { ...answer, headers: headers.raw, body: await decodeBody(answer.body, codings, { take, malformed }) };
  } catch (error) {
    if (error instanceof GatewayError) return answer;
    throw error;
  }
}

function tooLong(): GatewayError {
  return new GatewayError("body-room-full", 503, "a body is longer than what is compared");
}

function malformed(): GatewayError {
  return new GatewayError("upstream-malformed", 502, "a body is not in the coding that it says");
}
