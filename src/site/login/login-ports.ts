import type { WaitingPlaces } from "#lib/waiting-places.ts";
import type { OidcClients } from "#identity/login/oidc-clients.ts";
import type { PrincipalGroups } from "#identity/groups/authenticate-groups.ts";
import type { LogoutTokens } from "#identity/login/logout-tokens.ts";
import type { SessionIds } from "#identity/login/session-id.ts";
import type { Refusal } from "#model/decision.ts";
import type { Provider } from "#model/definition.ts";
import type { LoginSettings } from "#model/login.ts";
import type { Random, Sealer } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import type { Sessions } from "#site/sessions/sessions.ts";

/** What the pages of logging in and out work with. */
export interface LoginPorts {
  /** Of the definition in force; null: nobody logs in. */
  readonly settings: () => LoginSettings | null;
  /** How a provider's claims make a principal. */
  readonly mapping: (provider: string) => Provider | undefined;
  /** Whoever has a session, as they stand now: it may have been taken back since. */
  readonly standing: (principal: Principal) => Principal | Refusal;
  /** Groups that a directory is asked for. */
  readonly groups: () => PrincipalGroups;
  readonly clients: OidcClients;
  /** Codes that are being exchanged, by client address: whoever has begun a login can have a provider asked again and again. */
  readonly exchanges: WaitingPlaces;
  readonly sessions: Sessions;
  readonly ids: SessionIds;
  readonly logoutTokens: LogoutTokens;
  readonly sealer: Sealer;
  readonly random: Random;
}
