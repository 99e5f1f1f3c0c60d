import type { Clock, Random } from "#model/ports.ts";
import type { AccessPorts } from "#site/access/access-ports.ts";
import { FormGuard } from "#site/access/form-guard.ts";

/** What the pages about access need beside the use cases. */
export function accessPages(random: Random, clock: Clock): Pick<AccessPorts, "guard" | "session"> {
  return { guard: new FormGuard(random, clock), session: async () => null };
}
