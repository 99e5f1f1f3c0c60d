import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer } from "#admin/result.ts";
import { GatewayError } from "#model/errors.ts";
import { type Revocation, type RevocationKind, revocationKinds, type RevokedId } from "#model/identity-revocation.ts";
import type { RevocationRequest } from "#products/revocations.ts";
import { parse, refusing } from "./subscriptions.ts";

type Ports = Pick<AdminPorts, "revocations">;

const reasons = { unknown: "revocation-unknown", conflict: "revocation-conflict" } as const;

export async function listRevocations(_: AdminCall, { revocations }: Ports): Promise<AdminResult> {
  return answer({ revocations: revocations.list().map(shown) });
}

export function revoke({ body }: AdminCall, { revocations }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const revocation = await revocations.revoke(readNew(body));
    const { kind, id, reason } = revocation;
    const why = reason === "" ? "" : `: ${reason}`;
    const until = revocation.until === null ? null : new Date(revocation.until).toISOString();
    const events = [{ event: "revocation.made", details: { kind, id, until, reason } }] as const;
    return answer(shown(revocation), { detail: `${kind} ${id.slice(0, 128)} revoked${why}`, events });
  }, reasons);
}

export function liftRevocation({ body }: AdminCall, { revocations }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const given = readId(parse(body));
    await revocations.lift(given);
    return answer(given, {
      detail: `revocation of ${given.kind} ${given.id.slice(0, 128)} lifted`,
      events: [{ event: "revocation.lifted", details: { kind: given.kind, id: given.id } }],
    });
  }, reasons);
}

function shown({ until, revokedAt, ...rest }: Revocation): object {
  const ends = until === null ? null : new Date(until).toISOString();
  return { ...rest, until: ends, revokedAt: new Date(revokedAt).toISOString() };
}

/** @throws GatewayError `client-malformed` */
function readNew(body: string): RevocationRequest {
  const { until = null, reason = "", ...given } = parse(body);
  const ends = typeof until === "string" ? Date.parse(until) : until;
  const isSound = (ends === null || (typeof ends === "number" && Number.isFinite(ends))) && typeof reason === "string";
  if (!isSound || typeof until === "number") throw malformed();
  return { ...readId(given), until: ends as number | null, reason };
}

/** @throws GatewayError `client-malformed` */
function readId({ kind, id, ...more }: Readonly<Record<string, unknown>>): RevokedId {
  const isKnown = revocationKinds.includes(kind as RevocationKind);
  if (!isKnown || typeof id !== "string" || Object.keys(more).length > 0) throw malformed();
  return { kind: kind as RevocationKind, id };
}

function malformed(): GatewayError {
  const message = `the body is not {"kind": "${revocationKinds.join("|")}", "id": "…"}, and to revoke "until" and "reason"`;
  return new GatewayError("client-malformed", 400, message, { source: "client", expose: true });
}
