import type { Principal } from "#model/principal.ts";
import type { SiteRequest } from "#model/site.ts";
import type { AccessRequests } from "#products/access-requests.ts";
import type { FormGuard } from "./form-guard.ts";

/** What the pages about access work with. */
export interface AccessPorts {
  readonly requests: () => AccessRequests;
  readonly guard: FormGuard;
  /** Whose session a request's cookie names; null: nobody's. */
  readonly session: (request: SiteRequest) => Promise<Principal | null>;
}
