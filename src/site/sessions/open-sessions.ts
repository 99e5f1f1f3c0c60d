import type { Async } from "#storage/interfaces.ts";
import type { ListedSession } from "#model/session.ts";
import type { SessionMatch, SessionPage, SessionStore } from "#storage/sessions.ts";
import type { Sessions } from "./sessions.ts";

/** Sessions as an administrator sees them: whose they are and since when; neither their ids nor what is in them. */
export class OpenSessions {
  readonly #store: Pick<Async<SessionStore>, "list" | "removeByHandle">;
  readonly #sessions: Pick<Sessions, "endMatching">;
  readonly #publish: (handles: readonly string[]) => void;

  constructor(
    store: Pick<Async<SessionStore>, "list" | "removeByHandle">,
    sessions: Pick<Sessions, "endMatching">,
    publish: (handles: readonly string[]) => void,
  ) {
    this.#store = store;
    this.#sessions = sessions;
    this.#publish = publish;
  }

  /** By handle. */
  list(page: SessionPage): Promise<readonly ListedSession[]> {
    return this.#store.list(page);
  }

  /** Every worker refuses it at once, and what it has open ends. @returns whether there was one */
  async end(handle: string): Promise<boolean> {
    const isEnded = await this.#store.removeByHandle(handle);
    if (isEnded) this.#publish([handle]);
    return isEnded;
  }

  /** All of a person. @returns how many */
  endOf(provider: string, subject: string): Promise<number> {
    const match: SessionMatch = { provider, subject, providerSession: null };
    return this.#sessions.endMatching(match);
  }
}
