import { Buffer } from "node:buffer";
import { GatewayError } from "#model/errors.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Egress, EgressRequest, EgressResponse } from "#model/ports.ts";

/** Keeps what it is asked for, and answers as told: a test double. Real servers: test/integration/policy-calls.test.ts */
export class AnsweringEgress implements Egress {
  readonly asked: EgressRequest[] = [];
  readonly #answer: (request: EgressRequest) => EgressResponse | Promise<EgressResponse>;

  constructor(answer: (request: EgressRequest) => EgressResponse | Promise<EgressResponse>) {
    this.#answer = answer;
  }

  async fetch(request: EgressRequest): Promise<EgressResponse> {
    this.asked.push(request);
    return this.#answer(request);
  }
}

export const answering = (text = "{}", fields: string[] = [], status = 200): AnsweringEgress =>
  new AnsweringEgress(({ admit }) => {
    const body = Buffer.from(text);
    if (admit?.(body.length) === false) throw new GatewayError("body-room-full", 503, "full");
    return { status, statusText: "Fine", headers: new HeaderList(fields), body };
  });

export const failing = (code: ConstructorParameters<typeof GatewayError>[0]): AnsweringEgress =>
  new AnsweringEgress(() => {
    throw new GatewayError(code, 502, "no");
  });
