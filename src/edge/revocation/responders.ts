import type { Buffer } from "node:buffer";
import { readOcspAnswer, type OcspAnswer } from "#edge/ocsp/answer.ts";
import { fetchOcspAnswer } from "#edge/ocsp/fetch.ts";
import type { OcspTarget } from "#edge/ocsp/target.ts";
import type { Clock, Egress } from "#model/ports.ts";
import { RecentFailures } from "./recent-failures.ts";
import { Turns } from "./turns.ts";

const timeoutMs = 4000;
const atOnce = 64;
/** How long an answer holds that does not say so itself. */
const openAnswerMs = 5 * 60_000;

export interface RespondersOptions {
  /** For one place: where it may be is checked there. */
  readonly egress: (url: string) => Egress;
  readonly clock: Clock;
}

/** OCSP responders of others: so many questions at a time, and none to one that did not answer a moment ago. */
export class Responders {
  readonly #options: RespondersOptions;
  readonly #turns = new Turns(atOnce);
  readonly #failures: RecentFailures;

  constructor(options: RespondersOptions) {
    this.#options = options;
    this.#failures = new RecentFailures(options.clock);
  }

  /** Good or revoked, by an answer that can be believed. @throws Error that says what is wrong */
  async ask(target: OcspTarget): Promise<OcspAnswer> {
    const der = await this.#turns.take(() => this.#failures.guard(target.responder, () => this.#fetch(target)));
    const answer = readOcspAnswer(der, target, this.#options.clock.now(), { otherwiseFor: openAnswerMs });
    if (answer.status === "unknown") throw new Error("the responder does not know the certificate");
    return answer;
  }

  #fetch(target: OcspTarget): Promise<Buffer> {
    return fetchOcspAnswer(target, this.#options.egress(target.responder), timeoutMs);
  }
}
