import type { StoredRecord } from "#model/record.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Kinds of principals that OCSF has a number and a caption for; others are told by their own name. */
const userTypes: Readonly<Record<string, readonly [number, string]>> = {
  anonymous: [0, "Unknown"],
  user: [1, "User"],
  service: [4, "Service"],
};
const otherType = 99;

/** Who made the request. @see https://schema.ocsf.io/1.9.0/objects/actor */
export function actorOf({
  principal,
  sessionId,
  clientId,
}: Pick<StoredRecord, "principal" | "sessionId" | "clientId">): Fields {
  const { id, subject, kind, issuer, tenant, groups } = principal;
  const [typeId, type] = (Object.hasOwn(userTypes, kind) ? userTypes[kind] : undefined) ?? [otherType, kind];
  return {
    user: {
      uid: id === "" ? "anonymous" : id,
      ...(subject !== undefined && { name: subject }),
      type_id: typeId,
      type,
      ...(issuer !== undefined && { domain: issuer }),
      ...(tenant !== undefined && { org: { uid: tenant } }),
      ...(groups !== undefined && { groups: groups.map((name) => ({ name })) }),
    },
    ...(sessionId !== undefined && { session: { uid: sessionId, ...(issuer !== undefined && { issuer }) } }),
    ...(clientId !== undefined && { app_uid: clientId }),
  };
}

/** The agent that called, for itself or for somebody. @see https://schema.ocsf.io/profiles/ai_operation */
export function agentOf({ principal }: StoredRecord): Fields | undefined {
  if (principal.kind === "agent") return { uid: principal.id, ...(principal.subject && { name: principal.subject }) };
  const [actor] = principal.actors ?? [];
  return actor === undefined ? undefined : { uid: actor };
}
