import { Buffer } from "node:buffer";
import type { Async } from "#storage/interfaces.ts";
import type { SessionRecord, SessionStore } from "#storage/sessions.ts";

/** Each transaction waits for the disk: what comes within this time goes with it. */
const gatherMs = 5;
/** Of one transaction, so that nobody else waits long for the store. */
const most = 200;
const touchEveryMs = 1000;

interface Waiting {
  readonly session: SessionRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Writes of sessions, several at a time: a storm of logins costs few transactions, and uses none of their own. */
export class SessionWrites {
  readonly #store: Async<SessionStore>;
  readonly #touched = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #waiting: Waiting[] = [];
  #gathering = false;

  constructor(store: Async<SessionStore>) {
    this.#store = store;
    this.#timer = setInterval(() => void this.flushTouches(), touchEveryMs).unref();
  }

  /** Resolves when it is on the disk. @throws GatewayError of the store */
  put(session: SessionRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ session, resolve, reject });
      if (this.#gathering) return;
      this.#gathering = true;
      setTimeout(() => void this.#write(), gatherMs);
    });
  }

  touch(digest: string, seenAt: number): void {
    this.#touched.set(digest, seenAt);
  }

  /** Last use that is not on the disk yet; 0: there is none. */
  touchedAt(digest: string): number {
    return this.#touched.get(digest) ?? 0;
  }

  /** One that is lost ends a session a little early, and no more. */
  async flushTouches(): Promise<void> {
    const touches = [...this.#touched].slice(0, most);
    if (touches.length === 0) return;
    const rows = touches.map(([digest, seenAt]) => ({ digest: Buffer.from(digest, "base64url"), seenAt }));
    await this.#store.touch(rows).catch(() => {});
    // One that came meanwhile stays.
    for (const [digest, seenAt] of touches) if (this.#touched.get(digest) === seenAt) this.#touched.delete(digest);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flushTouches();
  }

  async #write(): Promise<void> {
    const batch = this.#waiting.splice(0, most);
    this.#gathering = this.#waiting.length > 0;
    if (this.#gathering) setTimeout(() => void this.#write(), gatherMs);
    try {
      await this.#store.put(batch.map(({ session }) => session));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
