import { userOf } from "#app/access/user-of.ts";
import type { KeyPorts } from "#site/keys/key-ports.ts";
import type { Store } from "#storage/interfaces.ts";

/** More than one person looks at. */
const shown = 100;

/** What the page about keys works with. */
export function keyPages(
  { users, subscriptions }: Pick<Store, "users" | "subscriptions">,
  rotations: KeyPorts["rotations"],
): KeyPorts {
  return {
    rotations,
    userOf: async (principal) => {
      const user = await userOf(principal, users);
      return user?.isActive === true ? user.id : null;
    },
    ownedBy: (user) => subscriptions.ofOwner(user, shown),
  };
}
