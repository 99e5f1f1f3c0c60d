import type { Webhook } from "#model/announcements.ts";
import type { Refusal } from "#model/decision.ts";
import type { Principal } from "#model/principal.ts";
import type { SiteRequest } from "#model/site.ts";
import type { AccessRequests } from "#products/access-requests.ts";
import type { AnswerLinks } from "#products/answer-links.ts";
import type { FormGuard } from "./form-guard.ts";

/** What may be used once: kept until it would not be taken any more in any case. */
export interface OnceStore {
  /** False: it was used before. */
  use(name: string, until: number): Promise<boolean>;
  isUsed(name: string): Promise<boolean>;
}

/** What the pages about access work with. */
export interface AccessPorts {
  readonly requests: () => AccessRequests;
  readonly guard: FormGuard;
  readonly links: AnswerLinks;
  readonly once: OnceStore;
  /** Of the definition in force. */
  readonly webhooks: () => readonly Webhook[];
  /** Whose session a request's cookie names; null: nobody's; a refusal: somebody's who is not let in any more. */
  readonly session: (request: SiteRequest) => Promise<Principal | Refusal | null>;
}
