import { makeAlpnCertificate } from "#edge/acme/alpn-certificate.ts";
import { serverNameOf } from "#edge/acme/identifier.ts";
import type { Solver } from "#edge/acme/solver.ts";
import type { AlpnChallenge, HttpChallenge, PendingChallenges } from "#edge/edge-types.ts";
import type { Clock } from "#model/ports.ts";
import type { SharedAnswers } from "./shared-answers.ts";

const none: PendingChallenges = { http: [], alpn: [] };

/**
 * The answers that are pending, on main. An answer is in place when every worker has said that it has it: the
 * authority's connection may come to any of them.
 */
export class ChallengeBoard {
  readonly #publish: (challenges: PendingChallenges) => Promise<void>;
  readonly #clock: Clock;
  readonly #http = new Map<string, HttpChallenge>();
  readonly #alpn = new Map<string, AlpnChallenge>();
  #others: PendingChallenges = none;
  #last: Promise<void> = Promise.resolve();

  /** @param publish resolves when all workers have them; called by one change after the other */
  constructor(publish: (challenges: PendingChallenges) => Promise<void>, clock: Clock) {
    this.#publish = publish;
    this.#clock = clock;
  }

  get current(): PendingChallenges {
    return {
      http: [...this.#others.http, ...this.#http.values()],
      alpn: [...this.#others.alpn, ...this.#alpn.values()],
    };
  }

  /** What nodes with the same storage have pending. */
  setOthers(pending: PendingChallenges): Promise<void> {
    this.#others = pending;
    return this.#changed();
  }

  /** @param shared where the other nodes find it, when there are any */
  http(shared: SharedAnswers | null): Solver {
    return {
      present: async ({ identifier, token, keyAuthorization }) => {
        const answer = { host: identifier.value, token, keyAuthorization };
        this.#http.set(token, answer);
        await this.#changed();
        await shared?.put(token, { kind: "http", at: this.#clock.now(), answer });
      },
      remove: async ({ token }) => {
        this.#http.delete(token);
        await Promise.all([this.#changed(), shared?.remove(token)]);
      },
    };
  }

  /** @param shared where the other nodes find it, when there are any */
  alpn(shared: SharedAnswers | null): Solver {
    return {
      present: async ({ identifier, token, keyAuthorization, keyType }) => {
        const now = this.#clock.now();
        const certificate = await makeAlpnCertificate(identifier, keyAuthorization, keyType, now);
        const answer = { serverName: serverNameOf(identifier), ...certificate };
        this.#alpn.set(token, answer);
        await this.#changed();
        await shared?.put(token, { kind: "alpn", at: now, answer });
      },
      remove: async ({ token }) => {
        this.#alpn.delete(token);
        await Promise.all([this.#changed(), shared?.remove(token)]);
      },
    };
  }

  /** One at a time: an acknowledgement must be for what was sent, not for what was sent before. */
  #changed(): Promise<void> {
    const turn = this.#last.then(() => this.#publish(this.current));
    this.#last = turn.catch(() => {});
    return turn;
  }
}
