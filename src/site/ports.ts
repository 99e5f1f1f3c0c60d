import type { AssertionKeySet } from "#model/assertion.ts";
import type { CliLogin } from "#model/cli-login.ts";
import type { AccessPorts } from "./access/access-ports.ts";
import type { Clock, EventRecorder, Log } from "#model/ports.ts";
import type { ScimPort } from "./scim/scim.ts";
import type { KeyPorts } from "./keys/key-ports.ts";
import type { LoginPorts } from "./login/login-ports.ts";

/** What the pages reach outside themselves; each part of the gateway that has pages adds its own. */
export interface SitePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: EventRecorder;
  readonly access: AccessPorts;
  readonly keys: KeyPorts;
  readonly scim: ScimPort;
  readonly cliLogin: () => CliLogin | null;
  /** What assertions are signed with. */
  readonly assertionKeys: () => AssertionKeySet;
  readonly login: LoginPorts;
}
