import { setTimeout as sleep } from "node:timers/promises";
import { accessLineOf } from "#audit/read/access-line.ts";
import { scanText } from "#audit/read/scan-region.ts";
import type { Found, SearchQuery } from "#audit/read/search-query.ts";
import { nextStretch, type RecordPlace } from "#audit/read/stretch.ts";

export interface AccessLogOptions {
  /** Of the record. */
  readonly directory: string;
  readonly from: RecordPlace;
  /** Rejects when it took nothing: the same lines come again. */
  readonly write: (lines: string) => Promise<void> | void;
  readonly onFailed: (error: string) => void;
}

const pauseMs = 250;
const retryMs = 1000;
/** Of the record, at a time: a few milliseconds of work. */
const windowBytes = 1024 * 1024;

const everything: SearchQuery = { fromMs: -Infinity, toMs: Infinity, required: [], matches: () => true };

/**
 * Writes the access log out of the record: what is redacted there is here too, and nothing of it costs who serves requests.
 */
export class AccessLog {
  readonly #options: AccessLogOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #at: RecordPlace;
  #isFailing = false;

  constructor(options: AccessLogOptions) {
    this.#options = options;
    this.#at = options.from;
    this.#done = this.#run();
  }

  /** How far it has come. */
  get place(): RecordPlace {
    return this.#at;
  }

  /** What is in the record by now is written before, if it is taken. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const more = await this.#advance();
      if (!more) await sleep(this.#isFailing ? retryMs : pauseMs, undefined, { signal }).catch(() => undefined);
    }
    while (await this.#advance());
  }

  /** @returns there is more to write at once */
  async #advance(): Promise<boolean> {
    const { directory, write, onFailed } = this.#options;
    try {
      let lines = "";
      const add = (record: Found): void => {
        const line = accessLineOf(record);
        if (line !== undefined) lines += `${JSON.stringify(line)}\n`;
      };
      const { text, shared, end, more } = await nextStretch(directory, this.#at, windowBytes);
      scanText(text, shared, everything, add);
      if (lines !== "") await write(lines);
      this.#at = end;
      this.#isFailing = false;
      return more;
    } catch (error) {
      if (!this.#isFailing) onFailed(String(error));
      this.#isFailing = true;
      return false;
    }
  }
}
