import type { KeyStatus } from "#products/key-rotations.ts";
import { keyId } from "#products/keys.ts";

/** Ids of the keys of a subscription's slots: what a form was made for. */
export function shownBefore({ keys }: KeyStatus): string {
  return keys.flatMap(({ digest, old }) => (old === null ? [keyId(digest)] : [])).join();
}
