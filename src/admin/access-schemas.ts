import { boolean, count, type JsonSchema, list, nullable, object, reference, string, time } from "./schema-parts.ts";

const party: JsonSchema = object({
  id: { ...string, description: "Id of a principal." },
  kind: { enum: ["user", "service", "agent", "anonymous"] },
  name: string,
  email: string,
  actors: { ...list(string), description: "Who acted for it, outermost first." },
});

const seconds = { type: "integer", minimum: 60 } as const;

type AccessSchemaName =
  | "Approvals"
  | "AccessRequests"
  | "AccessRequest"
  | "NewAccessRequest"
  | "Delegations"
  | "Delegation"
  | "NewDelegation"
  | "Announcements"
  | "Announcement";

/** Shapes of access requests. */
export const accessSchemas: Readonly<Record<AccessSchemaName, JsonSchema>> = {
  Approvals: object({
    approvals: list(
      object({
        name: string,
        description: string,
        opens: {
          ...list(string),
          description: "API, or API/operation, whose access rules ask for it, and product NAME whose members do.",
        },
        maxDurationSeconds: count,
        approvers: object({
          way: { enum: ["anyOf", "allOf", "atLeast"] },
          count: { ...count, description: "How many different persons it takes." },
          of: { ...list(string), description: "Whom it means: ids, groups, roles and CEL." },
        }),
        breakGlassSeconds: nullable({
          ...count,
          description: "Longest time in an emergency; null: never without an approver.",
        }),
        mayAsk: { ...boolean, description: "Whether whoever makes this call may ask for it." },
      }),
    ),
  }),
  AccessRequests: object({ requests: list(reference("AccessRequest")), next: nullable(string) }),
  AccessRequest: object({
    id: string,
    approval: string,
    state: { enum: ["pending", "active", "rejected", "withdrawn", "lapsed", "expired", "revoked"] },
    requester: party,
    grantee: {
      ...string,
      description: "Whose requests carry the approval: the requester, with the agents that acted for it.",
    },
    reason: string,
    durationSeconds: count,
    breakGlass: boolean,
    createdAt: time,
    answerBy: time,
    startsAt: nullable(time),
    endsAt: nullable(time),
    steps: list(
      object({
        step: {
          enum: ["request", "approve", "grant", "reject", "withdraw", "lapse", "break-glass", "expire", "revoke"],
        },
        by: nullable(party),
        behalfOf: nullable(party),
        comment: string,
        at: time,
      }),
    ),
  }),
  NewAccessRequest: object({
    approval: string,
    reason: { ...string, maxLength: 500 },
    durationSeconds: seconds,
  }),
  Delegations: object({ delegations: list(reference("Delegation")) }),
  Delegation: object({
    id: string,
    from: string,
    to: string,
    approval: nullable({ ...string, description: "Null: for every approval." }),
    startsAt: time,
    endsAt: time,
  }),
  Announcements: object({ announcements: list(reference("Announcement")), next: nullable(string) }),
  Announcement: object({
    id: string,
    channel: { enum: ["webhook", "email"] },
    receiver: { ...string, description: "Name of a webhook, or an address." },
    subject: {
      ...string,
      description: "`access:` and the id of an access request, or `keys:` and the name of a subscription.",
    },
    state: { enum: ["waiting", "dead"], description: "dead: it was given up." },
    tries: count,
    nextTry: nullable(time),
    why: { ...string, description: "Why the last try failed." },
    createdAt: time,
  }),
  NewDelegation: object({ to: { ...string, maxLength: 1000 }, approval: nullable(string), durationSeconds: seconds }, [
    "approval",
  ]),
};
