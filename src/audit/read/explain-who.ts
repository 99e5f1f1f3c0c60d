import type { StoredRecord } from "#model/record.ts";

type TokenFacts = Partial<Pick<StoredRecord, "tokenId" | "tokenDigest" | "sessionId" | "clientId" | "unlinked">>;

/** Whoever a line is about, as a person reads it. */
export function whoOf({ principal }: Pick<StoredRecord, "principal">): string {
  if (principal.kind === "anonymous") return "nobody: no identity was presented or accepted";
  const groups = principal.groups === undefined ? "" : `, groups ${principal.groups.join(", ")}`;
  const used = principal.groupsUsed === undefined ? "" : `, of which ${principal.groupsUsed.join(", ")} decided`;
  const approvals = principal.approvals === undefined ? "" : `, holding ${principal.approvals.join(", ")}`;
  const actors = principal.actors === undefined ? "" : `, with ${principal.actors.join(", then ")} acting for it`;
  return `${principal.kind} ${principal.id}, by ${principal.authMethod}${groups}${used}${approvals}${actors}`;
}

export function tokenOf({ tokenId, tokenDigest, sessionId, clientId, unlinked }: TokenFacts): string | undefined {
  const parts = [
    tokenId && `id ${tokenId}`,
    tokenDigest && `digest ${tokenDigest}`,
    clientId && `client ${clientId}`,
    sessionId && `session ${sessionId}`,
    unlinked && "of no session that is known",
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(", ");
}
