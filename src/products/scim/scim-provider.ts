import type { Clock } from "#model/ports.ts";
import type { Provisioning } from "#products/provisioning.ts";
import type { Users } from "#products/users.ts";
import type { Async, UserStore } from "#storage/interfaces.ts";
import type { ScimStore } from "#storage/scim-interfaces.ts";

export interface ScimDependencies {
  readonly store: Async<ScimStore>;
  readonly directory: Pick<Async<UserStore>, "get" | "byIdentity" | "members" | "groups">;
  /** Every change goes through them: workers follow, and what is no longer allowed ends. */
  readonly users: Users;
  readonly provisioning: Pick<Provisioning, "provision">;
  readonly clock: Pick<Clock, "now">;
}

/** The provider that asks. */
export interface ScimCaller {
  readonly provider: string;
  readonly subject: "externalId" | "userName";
}
