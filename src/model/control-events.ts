import { connectionEnds } from "./connection-ends.ts";
import { anonymous, type Principal } from "./principal.ts";

export type ControlEventName =
  | "gateway.started"
  | "gateway.stopping"
  | "configuration.applied"
  | "configuration.rolled-back"
  | "configuration.rejected"
  | "exception.applied"
  | "subscription.created"
  | "subscription.changed"
  | "subscription.expired"
  | "subscription.removed"
  | "key.created"
  | "key.regenerated"
  | "key.revoked"
  | "key.expired"
  | "key.due"
  | "key.rotated"
  | "key.retired"
  | "key.ending"
  | "key.ended"
  | "user.written"
  | "user.removed"
  | "user.state-changed"
  | "group.written"
  | "group.removed"
  | "access.request"
  | "access.approve"
  | "access.grant"
  | "access.reject"
  | "access.withdraw"
  | "access.lapse"
  | "access.break-glass"
  | "access.expire"
  | "access.revoke"
  | "delegation.made"
  | "delegation.ended"
  | "revocation.made"
  | "revocation.lifted"
  | "login.succeeded"
  | "login.failed"
  | "session.refreshed"
  | "session.ended"
  | "token.exchanged"
  | "certificate.issued"
  | "certificate.renewed"
  | "certificate.failed"
  | "certificate.revoked"
  | "secret.due"
  | "secret.rotated"
  | "secret.rotation-failed"
  | "secret.dropped"
  | "seal-key.rotated"
  | "assertion-key.rotated"
  | "backup.made"
  | "backup.restored"
  | "sink.passed-over"
  | "connections.ended";

/** None of them is ever a secret. */
export type EventDetailName =
  | "action"
  | "approval"
  | "approvedBy"
  | "before"
  | "behalfOf"
  | "bytes"
  | "changes"
  | "client"
  | "comment"
  | "configHashBefore"
  | "configuration"
  | "connection"
  | "count"
  | "delegation"
  | "due"
  | "ended"
  | "entry"
  | "error"
  | "exception"
  | "files"
  | "from"
  | "grantee"
  | "group"
  | "hash"
  | "hashBefore"
  | "id"
  | "isNew"
  | "issuer"
  | "key"
  | "kind"
  | "madeAt"
  | "names"
  | "node"
  | "outcome"
  | "owner"
  | "place"
  | "problems"
  | "provider"
  | "providerSession"
  | "reason"
  | "request"
  | "scope"
  | "serial"
  | "segments"
  | "session"
  | "slot"
  | "slots"
  | "source"
  | "state"
  | "step"
  | "subject"
  | "subscription"
  | "to"
  | "token"
  | "until"
  | "user"
  | "version"
  | "why"
  | "workers";

export type EventDetail = string | number | boolean | readonly string[];

/** What was done to the gateway, and by whom. */
export interface ControlEvent {
  readonly event: ControlEventName;
  /** Only those that the type of the event has are written. */
  readonly details: Readonly<Partial<Record<EventDetailName, EventDetail | null | undefined>>>;
  /** Absent: the gateway itself. */
  readonly by?: Principal | undefined;
  /** Id of the request that has done it, which has a record of its own. */
  readonly request?: string | undefined;
}

interface EventType {
  /** One sentence, for whoever reads the record. */
  readonly about: string;
  /** What it says, by name. */
  readonly details: Readonly<Partial<Record<EventDetailName, string>>>;
}

const subscription = "name of the subscription";
const comment = "why, as whoever did it has said";
const keyIdText = "id of the key, which says nothing of it";
const user = "id of the user";
const source = "`admin`, `scim` with its provider, or `login`: what made the change";
const access = {
  request: "id of the access request",
  approval: "name of the approval",
  grantee: "id of whom it is for",
  state: "of the request from then on",
  reason: "why it is wanted",
  comment: comment,
  behalfOf: "whose delegate did it",
  until: "when it ends",
} as const;
const delegation = {
  delegation: "its id",
  from: "id of whoever delegates",
  to: "id of whoever decides in their place",
  approval: "for this one alone; absent: for all",
  until: "when it ends",
} as const;
const session = {
  session: "handle of the session: neither its id nor a token",
  provider: "name of the provider in the definition",
  subject: "of the person at the provider",
} as const;
const configuration = {
  action: "`apply`, `rollback`, `reload` or `start`",
  source: "`admin`, or what else made the gateway read its files: a file that changed, SIGHUP, values of a vault",
  comment: comment,
} as const;
const certificate = {
  names: "that it is for",
  serial: "of the certificate",
  issuer: "who has issued it",
  until: "when it ends",
} as const;

/**
 * Everything that is done to the gateway and stands in the record as an event: the closed list of types with what each
 * of them says. Names are never renamed, a meaning never changes; details may be added.
 */
export const controlEvents: Readonly<Record<ControlEventName, EventType>> = {
  "gateway.started": event("The gateway serves.", {
    version: "of the gateway",
    workers: "how many",
    configuration: "number of the history's entry in force",
  }),
  "gateway.stopping": event("The gateway was told to stop.", {}),
  "configuration.applied": event("Another configuration is in force.", {
    ...configuration,
    entry: "its number in the history, which keeps its texts",
    before: "number of the one before",
    hash: "SHA-256 of its texts",
    hashBefore: "of those before",
    configHashBefore: "`configHash` before; the event's own is the new one",
    changes: "places that were added, changed or removed, without what stands there; at most 50",
  }),
  "configuration.rolled-back": event("An earlier configuration is in force again.", {
    ...configuration,
    entry: "its number in the history",
    from: "number of the entry gone back to",
    before: "number of the one before",
    hash: "SHA-256 of its texts",
    hashBefore: "of those before",
    configHashBefore: "`configHash` before",
    changes: "places that were added, changed or removed",
  }),
  "configuration.rejected": event("A configuration was not put in force; the one before serves.", {
    ...configuration,
    outcome: "`invalid`, `conflict`, `drift`, `read-only`, `unknown-entry` or `failed`",
    problems: "codes of the diagnostics, or names of files, at most 50",
  }),
  "exception.applied": event(
    "An exception of the environment is in force: with a start, and with each configuration.",
    {
      exception: "its name",
      place: "argument of a policy that is another than in other environments",
      reason: "why",
      approvedBy: "who has agreed, as the definition says",
      until: "its last day",
    },
  ),
  "subscription.created": event("A subscription was made.", {
    subscription: subscription,
    scope: "what it is for",
    owner: "id of the user it belongs to",
    state: "of the subscription",
    until: "when it ends",
  }),
  "subscription.changed": event("A subscription was approved, rejected, suspended, activated, cancelled or extended.", {
    subscription: subscription,
    step: "which of these",
    state: "of the subscription from then on",
    until: "when it ends",
    comment: comment,
  }),
  "subscription.expired": event("A subscription's time is over: its keys are refused.", { subscription: subscription }),
  "subscription.removed": event("A subscription was removed, and its keys with it.", {
    subscription: subscription,
    scope: "it was for",
  }),
  "key.created": event("Keys were made and shown once.", {
    subscription: subscription,
    slots: "`primary`, `secondary`",
  }),
  "key.regenerated": event("A key was made anew; the one before is refused.", {
    subscription: subscription,
    slot: "which of the two",
  }),
  "key.revoked": event("The keys of a subscription are refused.", {
    subscription: subscription,
    slots: "which",
    why: "the step that did it",
  }),
  "key.expired": event("The keys of a subscription are refused, as its time is over.", { subscription: subscription }),
  "key.due": event("A key is due for a new one by its schedule, soon or by now. Once for each.", {
    subscription: subscription,
    slot: "which of the two",
    key: keyIdText,
    due: "when it is due",
  }),
  "key.rotated": event("A new key was made and shown once; the one before goes on for a while, or has ended.", {
    subscription: subscription,
    slot: "which of the two",
    key: "id of the new key",
    before: "id of the one that was in its slot",
    until: "when that one ends; absent: it has ended",
  }),
  "key.retired": event("A key was due by its schedule, and there is a younger one: it goes on until its end.", {
    subscription: subscription,
    slot: "that it was in",
    key: keyIdText,
    due: "when it was due",
    until: "when it ends",
  }),
  "key.ending": event("An old key ends soon, and is still used.", {
    subscription: subscription,
    slot: "that it was in",
    key: keyIdText,
    until: "when it ends",
  }),
  "key.ended": event("A key that another took the place of is refused.", {
    subscription: subscription,
    slot: "that it was in",
    key: keyIdText,
    why: "`grace`: its time is over; `asked`: somebody has ended it; `emergency`: as its place was taken",
  }),
  "user.written": event("A user was made, or written anew.", {
    user: user,
    state: "of the user",
    isNew: "made by it",
    source: source,
  }),
  "user.removed": event("A user was removed.", { user: user, source: source }),
  "user.state-changed": event("A user was blocked, or let in again.", {
    user: user,
    state: "from then on",
    source: source,
  }),
  "group.written": event("A group of users was made or written anew.", { group: "its name", source: source }),
  "group.removed": event("A group of users was removed.", { group: "its name", source: source }),
  "access.request": event("Somebody asks for an approval.", access),
  "access.approve": event("One of those whose word it takes has approved.", access),
  "access.grant": event("The last word was given: the approval is in force.", access),
  "access.reject": event("A request was turned down.", access),
  "access.withdraw": event("Whoever asked has taken the request back.", access),
  "access.lapse": event("Nobody has answered a request in time.", access),
  "access.break-glass": event("Somebody has taken an approval without an approver.", access),
  "access.expire": event("The time of an approval is over.", access),
  "access.revoke": event("An approval that was in force was taken back.", access),
  "delegation.made": event("An approver lets somebody else decide for a while.", delegation),
  "delegation.ended": event("A delegation was ended before its time.", delegation),
  "revocation.made": event("A principal, token, client or agent is refused by all workers.", {
    kind: "what was revoked",
    id: "of it",
    until: "when it ends",
    reason: "as whoever did it has said",
  }),
  "revocation.lifted": event("A revocation was taken back.", { kind: "what was revoked", id: "of it" }),
  "login.succeeded": event("A person has logged in with a browser: a session begins.", {
    ...session,
    providerSession: "what the provider calls the session (`sid`)",
    token: "digest of the access token",
  }),
  "session.refreshed": event("A provider has given another access token for a session.", {
    ...session,
    token: "its digest",
  }),
  "token.exchanged": event("A caller's token was exchanged for one that a backend takes.", {
    connection: "provider and connection in the definition",
    from: "digest of the token that was given",
    token: "digest of the one that came of it",
  }),
  "login.failed": event("A login ended without a session.", {
    provider: session.provider,
    reason: "code of the reason",
    client: "address that the browser came from",
  }),
  "session.ended": event("Sessions of a person were ended.", {
    ...session,
    ended: "how many, where they were more than one",
    why: "`logout`, `admin`, `provider` or `refresh-refused`",
  }),
  "certificate.issued": event("A certificate was obtained for the first time.", certificate),
  "certificate.renewed": event("A certificate was replaced by a newer one.", certificate),
  "certificate.failed": event("A certificate could not be obtained.", {
    issuer: "who was asked",
    names: certificate.names,
    error: "what went wrong",
  }),
  "certificate.revoked": event("A certificate of the internal CA was revoked.", {
    serial: certificate.serial,
    issuer: "identifier of the issuer's key",
    reason: "of the revocation",
  }),
  "secret.due": event("A secret is due for a new one by its schedule, soon or by now. Once for each.", {
    entry: "its name in secretRotations",
    due: "when it is due",
  }),
  "secret.rotated": event("A secret was changed for a new one.", {
    entry: "its name in secretRotations",
    source: "schedule: it was due; asked: somebody wanted it; by-hand: it was found changed",
    until: "how long the one before is kept at whoever made it; absent: nobody is told to drop it",
  }),
  "secret.rotation-failed": event("A secret could not be changed for a new one: the one before goes on.", {
    entry: "its name in secretRotations",
    step: "make, try, use or drop",
    why: "what went wrong, without the secret",
  }),
  "secret.dropped": event("Whoever makes a secret was told to let go of the one before.", {
    entry: "its name in secretRotations",
  }),
  "seal-key.rotated": event("Secrets at rest are sealed under another key.", {
    key: "id of the new key",
    before: "of the one before",
  }),
  "assertion-key.rotated": event("Identities are asserted to backends under another key.", {
    key: "`kid` of the new key",
    from: "when it begins to sign",
  }),
  "backup.restored": event("The data folder was put back from a backup.", {
    files: "in it",
    madeAt: "when the backup was made",
    node: "that it was made of",
  }),
  "sink.passed-over": event("Segments of the record went before a sink had taken them.", {
    names: "of the sinks that do not get what was in them",
    segments: "how many",
    to: "number of the last of them",
  }),
  "connections.ended": event(
    "Connections ended before a request on them could be judged; those that ended alike are one event, each ten seconds.",
    {
      reason: Object.entries(connectionEnds)
        .map(([reason, about]) => `\`${reason}\`: ${about}`)
        .join("; "),
      from: "range of addresses that they came from; `others`: more ranges than are counted apart",
      count: "how many",
    },
  ),
  "backup.made": event("A backup was made.", { files: "in it", bytes: "of the backup" }),
};

/** What the gateway does by its own clock or at its own start. */
export const gatewayItself: Principal = Object.freeze({
  ...anonymous,
  id: "urn:sallyport:gateway||itself",
  kind: "service",
  issuer: "urn:sallyport:gateway",
  subject: "itself",
});

function event(about: string, details: EventType["details"]): EventType {
  return { about, details };
}
