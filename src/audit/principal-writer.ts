import type { Grant } from "#model/grants.ts";
import type { Principal } from "#model/principal.ts";
import type { Redaction } from "#model/redaction.ts";
import { type JsonWriter, piece } from "./json-writer.ts";
import { writeList } from "./list-writer.ts";
import { type RecordLimits, usualLimits } from "./record-limits.ts";

type Asked = readonly string[] | null;

/**
 * Writes who made the request. A principal is frozen, and one object for all uses of a verified token: its text is kept,
 * with what the rule asked for that decided last, which is one object as well.
 */
export class PrincipalWriter {
  readonly #known = new WeakMap<Principal, { readonly asked: Asked; readonly text: Uint8Array }>();
  readonly #redaction: Redaction | undefined;

  /** @param redaction of the words that people gave for wanting something. Who they are is never taken out */
  constructor(redaction?: Redaction) {
    this.#redaction = redaction;
  }

  /** @param asked for by the rules that decided: groups by name */
  write(json: JsonWriter, principal: Principal, asked: Asked, limits: RecordLimits): void {
    const known = limits === usualLimits ? this.#known.get(principal) : undefined;
    if (known !== undefined && known.asked === asked) {
      json.copy(known.text);
      return;
    }
    const start = json.at;
    this.#write(json, principal, asked, limits);
    if (limits !== usualLimits || json.overflowed) return;
    this.#known.set(principal, { asked, text: Uint8Array.from(json.bytes.subarray(start, json.at)) });
  }

  #write(json: JsonWriter, principal: Principal, asked: Asked, limits: RecordLimits): void {
    json.raw(`,"principal":{"kind":"${principal.kind}","id":`);
    json.text(principal.id, limits.name * 2);
    json.member(pieces.issuer, principal.issuer, limits.name);
    json.member(pieces.subject, principal.subject, limits.name);
    json.member(pieces.tenant, principal.tenant, limits.name);
    writeList(json, pieces.groups, principal.groups, limits.groups, limits.name);
    const used = asked === null ? none : asked.filter((name) => principal.groups.includes(name));
    writeList(json, pieces.groupsUsed, used, limits.groups, limits.name);
    writeList(json, pieces.approvals, principal.approvals ?? none, limits.actors, limits.name);
    writeGrants(json, principal.grants ?? [], limits, this.#redaction);
    json.raw(`,"authMethod":"${principal.authMethod}"`);
    writeList(json, pieces.actors, actorsOf(principal, limits.actors), limits.actors, limits.name);
    json.member(pieces.agent, agentOf(principal), limits.name);
    json.raw("}");
    json.member(pieces.sessionId, principal.sessionId, limits.name);
    json.member(pieces.tokenId, principal.tokenId, limits.name);
    json.member(pieces.tokenDigest, principal.tokenDigest, limits.name);
    json.member(pieces.clientId, principal.clientId, limits.name);
    if (principal.authMethod === "token" && principal.sessionId === undefined) json.raw(',"unlinked":true');
  }
}

function writeGrants(
  json: JsonWriter,
  grants: readonly Grant[],
  limits: RecordLimits,
  redaction: Redaction | undefined,
): void {
  if (grants.length === 0) return;
  json.copy(pieces.grants);
  for (const [at, { approval, id, reason }] of grants.slice(0, limits.actors).entries()) {
    json.raw(at === 0 ? '{"approval":' : ',{"approval":');
    json.text(approval, limits.name);
    json.member(pieces.id, id, limits.name);
    const shown = reason === undefined ? reason : (redaction?.text(reason, null).text ?? reason);
    json.member(pieces.reason, shown, limits.detail);
    json.raw("}");
  }
  json.raw("]");
}

/** The principal itself, or the outermost of those that act for it. */
function agentOf(principal: Principal): string | undefined {
  for (let one: Principal | undefined = principal; one !== undefined; one = one.actor) {
    if (one.kind === "agent") return one.id;
  }
  return undefined;
}

/** Ids of who acts for the principal, outermost first; one more than the bound, so that the cut shows. */
function actorsOf(principal: Principal, limit: number): readonly string[] {
  const ids: string[] = [];
  for (let { actor } = principal; actor !== undefined && ids.length <= limit; actor = actor.actor) ids.push(actor.id);
  return ids;
}

const none: readonly string[] = [];

const pieces = {
  issuer: piece(',"issuer":'),
  subject: piece(',"subject":'),
  tenant: piece(',"tenant":'),
  groups: piece(',"groups":['),
  groupsUsed: piece(',"groupsUsed":['),
  approvals: piece(',"approvals":['),
  grants: piece(',"grants":['),
  id: piece(',"id":'),
  reason: piece(',"reason":'),
  agent: piece(',"agent":'),
  actors: piece(',"actors":['),
  sessionId: piece(',"sessionId":'),
  tokenId: piece(',"tokenId":'),
  tokenDigest: piece(',"tokenDigest":'),
  clientId: piece(',"clientId":'),
} as const;
