import type { KnownUserPorts } from "#identity/known-user.ts";
import type { CertificateStatuses } from "#model/certificate-status.ts";
import type { ClientCertificate, Exchange } from "#model/exchange.ts";
import type { Permit } from "#model/permit.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { Shadowing } from "#model/shadow.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import type { StepResult } from "#model/decision.ts";
import type { BodyRoom } from "#policy/body-room.ts";
import type { AssertionSigner } from "./identity-shown.ts";
import type { LastingExchanges } from "./lasting-exchanges.ts";

/** What the table's rows reach outside themselves: ports that the composition root wires. */
export interface GatewayHandles {
  readonly clock: Clock;
  readonly log: Log;
  readonly bodies: BodyRoom;
  readonly mint: (exchange: object, principal: object) => Permit;
  /** Has main answer for one of the gateway's own pages. @throws GatewayError `control-call-failed` */
  readonly site: (request: SiteRequest) => Promise<SiteResponse | null>;
  readonly assertions: AssertionSigner;
  readonly authenticate: (exchange: Exchange) => StepResult;
  /** The directory of users. */
  readonly knownUsers: KnownUserPorts;
  /** Whether the internal CA has taken a client's certificate back since its request came. */
  readonly isRevoked: (certificate: ClientCertificate) => boolean;
  /** What the issuers of a client's certificate say of it. */
  readonly certificateStatuses: CertificateStatuses;
  /** Those that last are decided again when a definition is replaced. */
  readonly lasting: LastingExchanges;
  readonly shadowing: Shadowing;
}
