import type { Principal } from "#model/principal.ts";
import type { KeyRotations } from "#products/key-rotations.ts";
import type { SubscriptionRecord } from "#storage/interfaces.ts";

/** What the page about keys works with. */
export interface KeyPorts {
  readonly rotations: () => Pick<KeyRotations, "status" | "rotate">;
  /** Id of the user of the directory that somebody is; null: nobody, or one who is not let in. */
  readonly userOf: (principal: Principal) => Promise<string | null>;
  /** Subscriptions of a user, by name. */
  readonly ownedBy: (user: string) => Promise<readonly SubscriptionRecord[]>;
}
