import { TwoGenerations } from "#lib/two-generations.ts";
import { GatewayError } from "#model/errors.ts";
import type { GroupAnswer, GroupQuestion } from "#model/group-lookup.ts";
import type { Clock } from "#model/ports.ts";

interface Held {
  readonly answer: GroupAnswer;
  /** From then on it is asked again, while requests go on with this one. */
  askAt: number;
}

interface Failure {
  readonly error: unknown;
  readonly until: number;
}

const bounds = { entries: 20_000, bytes: 32 * 1024 * 1024 };
const failureBounds = { entries: 2000, bytes: 1024 * 1024 };
/** Of an id as a string in a list. */
const bytesPerGroup = 72;
const bytesPerEntry = 512;
const maxUnderway = 256;
/** How long a failure stands, so that requests do not pile up at a directory that is down. */
const failureMs = 2000;
/** Between two questions about somebody whose answer is still good. */
const pauseMs = 1000;

export type AskGroups = (question: GroupQuestion) => Promise<GroupAnswer>;

/**
 * Groups by person, as long as the answer says: one question at a time about each, a newer answer before the old one is
 * too old, and none at all beyond that.
 */
export class GroupFinder {
  readonly #ask: AskGroups;
  readonly #clock: Pick<Clock, "now">;
  readonly #held = new TwoGenerations<Held>(bounds.entries, bounds.bytes);
  readonly #failed = new TwoGenerations<Failure>(failureBounds.entries, failureBounds.bytes);
  readonly #underway = new Map<string, Promise<GroupAnswer>>();

  constructor(ask: AskGroups, clock: Pick<Clock, "now">) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** No promise while there is an answer that is new enough. Rejects as the question does. */
  find(question: GroupQuestion): GroupAnswer | Promise<GroupAnswer> {
    const key = `${question.provider} ${question.tenant} ${question.kind} ${question.id}`;
    const held = this.#held.get(key);
    const now = this.#clock.now();
    if (held !== undefined && now < held.answer.until) {
      if (now >= held.askAt) {
        held.askAt = now + pauseMs;
        // Nobody waits for it: who fails now is asked about again.
        this.#asked(key, question, held.answer).catch(() => {});
      }
      return held.answer;
    }
    const failed = this.#failed.get(key);
    if (failed !== undefined && now < failed.until) return Promise.reject(failed.error);
    return this.#asked(key, question, null);
  }

  #asked(key: string, question: GroupQuestion, before: GroupAnswer | null): Promise<GroupAnswer> {
    let pending = this.#underway.get(key);
    if (pending !== undefined) return pending;
    if (this.#underway.size >= maxUnderway) {
      return Promise.reject(new GatewayError("idp-unreachable", 503, "too many are asked about at a time"));
    }
    pending = this.#fetch(key, question, before).finally(() => this.#underway.delete(key));
    this.#underway.set(key, pending);
    return pending;
  }

  async #fetch(key: string, question: GroupQuestion, before: GroupAnswer | null): Promise<GroupAnswer> {
    try {
      const found = await this.#ask(question);
      const now = this.#clock.now();
      const answer = { ...found, groups: settled(found.groups, before) };
      const askAt = now + Math.max(pauseMs, (found.until - now) / 2);
      this.#held.set(key, { answer, askAt }, bytesPerEntry + answer.groups.length * bytesPerGroup);
      return answer;
    } catch (error) {
      this.#failed.set(key, { error, until: this.#clock.now() + failureMs }, bytesPerEntry);
      throw error;
    }
  }
}

/** The same list as long as it says the same: who it is of stays one object then. */
function settled(groups: readonly string[], before: GroupAnswer | null): readonly string[] {
  const known = before?.groups;
  if (known !== undefined && known.length === groups.length && known.every((one, at) => one === groups[at]))
    return known;
  return Object.freeze([...groups]);
}
