import type { KeyType } from "./keys.ts";
import type { Identifier } from "./resources.ts";

/** What proves to the authority that the name is ours. */
export interface ChallengeAnswer {
  readonly identifier: Identifier;
  readonly token: string;
  readonly keyAuthorization: string;
  /** Of the key that the name is served with now. */
  readonly keyType: KeyType;
}

/** Puts answers of one challenge type where the authority looks for them. */
export interface Solver {
  /** Resolves when the answer can be seen everywhere: only then is the authority told to look. */
  present(answer: ChallengeAnswer): Promise<void>;
  /** Takes it away again; a failure costs nothing but tidiness. */
  remove(answer: ChallengeAnswer): Promise<void>;
}
