import type { Party } from "#model/access-requests.ts";
import type { ControlEvent } from "#model/control-events.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import type { AccessEvent } from "#products/access-requests.ts";

/** A step of an access request, as the record tells of it; one that nobody has made is the gateway's own. */
export function accessEvent({ request, step }: AccessEvent): ControlEvent {
  return {
    event: `access.${step.step}`,
    ...(step.by === null ? {} : { by: principalOf(step.by) }),
    details: {
      request: request.id,
      approval: request.approval,
      grantee: request.grantee,
      state: request.state,
      reason: request.reason,
      comment: step.comment,
      behalfOf: step.behalfOf?.id,
      until: request.endsAt === null ? null : new Date(request.endsAt).toISOString(),
    },
  };
}

/** As it was known when it took the step. */
function principalOf({ id, kind, name, email, actors }: Party): Principal {
  const actor = actors
    .toReversed()
    .reduce<Principal | undefined>(
      (inner, one) => ({ ...anonymous, id: one, kind: "service", ...(inner === undefined ? {} : { actor: inner }) }),
      undefined,
    );
  return { ...anonymous, id, kind, displayName: name, email, ...(actor === undefined ? {} : { actor }) };
}
