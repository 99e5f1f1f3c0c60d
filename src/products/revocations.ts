import { GatewayError } from "#model/errors.ts";
import type { Clock } from "#model/ports.ts";
import { type Revocation, type RevocationChange, revocationKinds, type RevokedId } from "#model/identity-revocation.ts";
import type { Async, RevocationStore } from "#storage/interfaces.ts";

/** Every worker holds all of them. */
export const mostRevocations = 10_000;

const maxIdLength = 512;
const maxReasonLength = 200;

export interface RevocationDependencies {
  readonly store: Async<RevocationStore>;
  readonly clock: Pick<Clock, "now">;
  /** Called once a change is durable. Resolves when every worker goes by it. */
  readonly onChange: (change: RevocationChange) => Promise<void>;
  /** Those in force, and those whose end has just passed. */
  readonly all: () => readonly Revocation[];
}

export interface RevocationRequest extends RevokedId {
  readonly until?: number | null;
  readonly reason?: string;
}

/** Takes back what a provider has given: people, tokens, clients and agents. All methods reject with GatewayError. */
export class RevocationUseCases {
  readonly #deps: RevocationDependencies;

  constructor(dependencies: RevocationDependencies) {
    this.#deps = dependencies;
  }

  /** In force on every worker when this resolves; open streams end within a second. */
  async revoke({ kind, id, until = null, reason = "" }: RevocationRequest): Promise<Revocation> {
    const { store, clock, onChange } = this.#deps;
    const revocation: Revocation = { kind, id, until, reason, revokedAt: Math.floor(clock.now()) };
    check(revocation, clock.now());
    await store.put(revocation, mostRevocations);
    await onChange({ put: revocation });
    return revocation;
  }

  async lift({ kind, id }: RevokedId): Promise<void> {
    const { store, onChange } = this.#deps;
    if (!(await store.remove({ kind, id })))
      throw refused(404, `there is no revocation of ${kind} ${id.slice(0, 128)}`);
    await onChange({ lift: { kind, id } });
  }

  list(): readonly Revocation[] {
    const now = this.#deps.clock.now();
    return this.#deps.all().filter(({ until }) => until === null || until > now);
  }
}

function check({ kind, id, until, reason }: Revocation, now: number): void {
  if (!revocationKinds.includes(kind)) throw refused(400, `kind is one of ${revocationKinds.join(", ")}`);
  if (id === "" || id.length > maxIdLength || /\p{Cc}/u.test(id))
    throw refused(400, `id has 1 to ${maxIdLength} characters`);
  if (reason.length > maxReasonLength || /\p{Cc}/u.test(reason)) {
    throw refused(400, `reason has at most ${maxReasonLength} characters, in one line`);
  }
  if (until !== null && !(until > now)) throw refused(400, "until is in the past");
}

function refused(status: 400 | 404, message: string): GatewayError {
  return new GatewayError("client-malformed", status, message, { source: "client", expose: true });
}
