import { accessSchemas } from "./access-schemas.ts";
import { type KeySchemaName, keySchemas, rotationSchema } from "./key-schemas.ts";
import { type AnalyticsSchemaName, analyticsSchemas } from "./analytics-schemas.ts";
import {
  boolean,
  count,
  hash,
  type JsonSchema,
  list,
  nullable,
  object,
  reference,
  scheme,
  string,
  time,
} from "./schema-parts.ts";
import { shadowSchema } from "./shadow-schema.ts";
import { type TracingSchemaName, tracingSchemas } from "./tracing-schemas.ts";
import { logLevels } from "#model/logs.ts";
import { revocationKinds } from "#model/identity-revocation.ts";
import { targetConditions } from "#model/target-health.ts";

export type { JsonSchema } from "./schema-parts.ts";

export type SchemaName =
  | AnalyticsSchemaName
  | KeySchemaName
  | TracingSchemaName
  | "Shadow"
  | "Secret"
  | "Secrets"
  | "OpenApi"
  | "Status"
  | "Configuration"
  | "Change"
  | "Validation"
  | "History"
  | "Names"
  | "Reload"
  | "Certificates"
  | "Upstreams"
  | "Products"
  | "Subscriptions"
  | "Subscription"
  | "NewSubscription"
  | "IssuedSubscription"
  | "IssuedKey"
  | "LogLevels"
  | "LogLevel"
  | "Revocations"
  | "Revocation"
  | "RevocationRequest"
  | "RevokedId"
  | "Users"
  | "User"
  | "NewUser"
  | "Groups"
  | "Approvals"
  | "AccessRequests"
  | "AccessRequest"
  | "NewAccessRequest"
  | "Delegations"
  | "Delegation"
  | "NewDelegation"
  | "Announcements"
  | "Announcement"
  | "Group"
  | "NewGroup"
  | "Sessions"
  | "EndedSessions";

const entry: Readonly<Record<string, JsonSchema>> = {
  id: { type: "integer", minimum: 1, description: "Counts up; what roll-back takes." },
  time,
  author: { ...string, description: "Id of a principal, or `file` for what was changed on the disk." },
  action: { enum: ["start", "reload", "apply", "rollback"] },
  from: { type: "integer", description: "The entry gone back to." },
  comment: string,
  hash: { ...hash, description: "Of the texts: the ETag." },
  configHash: { ...hash, description: "Of what they mean: the audit record's configHash." },
  environment: string,
};
const keptFiles = list(object({ name: string, sha256: hash }));
const diagnostics = list(reference("Diagnostic"));
const texts: JsonSchema = {
  type: "object",
  additionalProperties: string,
  description: "Text by name, relative to the definition's folder.",
};

const namePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$";
const scope = {
  ...string,
  pattern: "^(all|product:.+|api:.+)$",
  description: "`product:starter`, `api:orders` or `all`.",
} as const;
const key = { ...string, description: "Shown this once, and stored nowhere." } as const;
const subscription: Readonly<Record<string, JsonSchema>> = {
  name: string,
  scope,
  state: { enum: ["submitted", "active", "rejected", "suspended", "cancelled", "expired"] },
  source: { enum: ["declared", "created"], description: "`declared`: stands in the definition, and is changed there." },
  hasSecondaryKey: boolean,
  createdAt: time,
  displayName: nullable(string),
  owner: nullable({ ...string, description: "Id of the user that it belongs to." }),
  startedAt: nullable({ ...time, description: "When it first was active." }),
  endsAt: nullable({ ...time, description: "When it expires." }),
};

const revokedId: Readonly<Record<string, JsonSchema>> = {
  kind: { enum: revocationKinds },
  id: {
    ...string,
    minLength: 1,
    maxLength: 512,
    description: "Id of a principal, `jti` (`uti`) or SHA-256 (base64url) of a token, id of a client.",
  },
};
const revocationTerms: Readonly<Record<string, JsonSchema>> = {
  until: nullable({ ...time, description: "When it ends by itself; null: when it is lifted." }),
  reason: { ...string, maxLength: 200 },
};

const user: Readonly<Record<string, JsonSchema>> = {
  email: { ...string, maxLength: 320 },
  firstName: { ...string, maxLength: 100 },
  lastName: { ...string, maxLength: 100 },
  state: { enum: ["active", "blocked", "pending"], description: "Keys of those who are not active are refused." },
  note: { ...string, maxLength: 4000 },
  identities: { ...list(object({ provider: string, id: string })), maxItems: 20 },
  groups: { ...list(string), description: "Names of groups; `developers` when a user is made without." },
  registeredAt: time,
};
const group = { name: string, displayName: string, description: string } as const;

/** Shapes of what goes in and out, for the OpenAPI document; a test holds the answers against them. */
export const schemas: Readonly<
  Record<
    SchemaName | "Entry" | "Certificate" | "CertificateProblem" | "Target" | "Diagnostic" | "Problem" | "Files",
    JsonSchema
  >
> = {
  OpenApi: { type: "object" },
  Status: object({
    version: string,
    node: string,
    startedAt: time,
    uptimeSeconds: count,
    environment: string,
    production: boolean,
    configHash: hash,
    workers: count,
    listeners: list({ anyOf: [object({ scheme, host: string, port: count }), object({ scheme, path: string })] }),
    apis: count,
    operations: count,
    configuration: object({ id: count, hash, changedOnDisk: list(string) }),
    lastReload: {
      anyOf: [
        { type: "null" },
        object({ time, why: string, outcome: { enum: ["reloaded", "invalid", "failed"] }, diagnostics }),
      ],
    },
  }),
  Configuration: object(
    { ...entry, definition: { ...string, description: "Which of the files it is." }, files: texts },
    ["from"],
  ),
  Files: object({ files: texts }),
  Change: object({ ...entry, files: keptFiles, unchanged: boolean, restart: list(string), warnings: diagnostics }, [
    "from",
  ]),
  Validation: object({ valid: boolean, diagnostics }),
  Entry: object({ ...entry, files: keptFiles }, ["from"]),
  History: object({ current: count, entries: list(reference("Entry")) }),
  Names: object({ names: { ...list(string), description: "In the order of the definition." } }),
  Reload: object({ ...entry, files: keptFiles, warnings: diagnostics }, ["from"]),
  Certificates: object({ certificates: list(reference("Certificate")) }),
  Certificate: object({
    names: list(string),
    source: {
      enum: ["acme", "internal", "file", "client"],
      description: "`client`: shown to backends, under its name in the definition.",
    },
    issuer: nullable({ ...string, description: "Common name of who signed it; null while there is none." }),
    serial: nullable(string),
    notBefore: nullable(time),
    notAfter: nullable(time),
    renewal: nullable({ ...time, description: "When it will be renewed; null when nobody here does that." }),
    state: { enum: ["valid", "pending", "failing", "given-up", "expired"] },
    problem: nullable(reference("CertificateProblem")),
    passedOver: {
      ...list(reference("CertificateProblem")),
      description: "Issuers that gave none at the last try, before the one that issued or is in `problem`.",
    },
    nextTry: nullable(time),
    ocsp: nullable(
      object({
        status: { enum: ["good", "revoked", "none"] },
        mustStaple: { ...boolean, description: "Clients refuse the certificate without a status." },
        thisUpdate: nullable(time),
        nextUpdate: nullable(time),
        problem: nullable(string),
        nextTry: nullable(time),
      }),
    ),
  }),
  CertificateProblem: object({
    at: time,
    issuer: string,
    challenge: nullable(string),
    type: { ...string, description: "RFC 8555 §6.7; empty when the issuer did not answer." },
    text: { ...string, description: "In the issuer's own words." },
  }),
  Upstreams: object({
    workers: object({ asked: count, answered: count }),
    upstreams: list(
      object({ backend: string, urls: list(string), checked: boolean, targets: list(reference("Target")) }),
    ),
  }),
  Target: object({
    target: string,
    weight: { type: "number", minimum: 0 },
    priority: count,
    active: { ...count, description: "Requests under way." },
    conditions: {
      type: "object",
      propertyNames: { enum: targetConditions },
      additionalProperties: { type: "integer", minimum: 1 },
      description: "How many workers find it so: each learns from its own requests.",
    },
  }),
  Products: object({
    products: list(
      object(
        {
          name: string,
          displayName: string,
          subscription: {
            enum: ["key", "identity", "either", "open"],
            description: "What puts a call into its context.",
          },
          apis: list(string),
          approvalRequired: boolean,
          groups: list({ ...string, description: "Their members may subscribe." }),
          subscriptionsLimit: nullable({ type: "integer", minimum: 1 }),
          isPublished: { ...boolean, description: "Users may subscribe to it." },
          rotation: rotationSchema,
        },
        ["rotation"],
      ),
    ),
  }),
  Secrets: object({ secrets: list(reference("Secret")) }),
  Secret: object({
    name: string,
    origin: { ...string, description: "Where it is read from." },
    maker: { enum: ["command", "api-management", "by hand"] },
    since: time,
    dueAt: time,
    stage: { enum: ["young", "noticed", "due"] },
    isChanging: { ...boolean, description: "A new one is made, and not in use yet." },
    oldUntil: nullable({ ...time, description: "When the one before is dropped." }),
  }),
  Shadow: shadowSchema,
  LogLevels: object({ usual: { enum: logLevels }, levels: list(reference("LogLevel")) }),
  LogLevel: object({ api: string, operation: string, level: { enum: logLevels }, until: time }, ["operation"]),
  Revocations: object({ revocations: list(reference("Revocation")) }),
  Revocation: object({ ...revokedId, ...revocationTerms, revokedAt: time }),
  RevocationRequest: object({ ...revokedId, ...revocationTerms }, ["until", "reason"]),
  RevokedId: object(revokedId),
  Users: object({ users: list(reference("User")), next: nullable(string) }),
  User: object({ id: string, ...user }),
  NewUser: object({ id: { ...string, pattern: namePattern }, ...user }, [
    "id",
    ...Object.keys(user).filter((name) => name !== "email"),
  ]),
  ...accessSchemas,
  ...analyticsSchemas,
  ...keySchemas,
  ...tracingSchemas,
  Groups: object({ groups: list(reference("Group")) }),
  Group: object({ ...group, isBuiltIn: boolean }),
  Sessions: object({
    sessions: list(
      object({
        handle: { ...string, description: "Names it in records and here; opens nothing." },
        provider: string,
        subject: string,
        host: string,
        createdAt: time,
        seenAt: time,
        endsAt: time,
      }),
    ),
    next: nullable(string),
  }),
  EndedSessions: object({ ended: count }),
  NewGroup: object({ displayName: string, description: string }, ["displayName", "description"]),
  Subscriptions: object({ subscriptions: list(reference("Subscription")), next: nullable(string) }),
  Subscription: object(subscription),
  NewSubscription: object(
    {
      name: { ...string, pattern: namePattern },
      scope,
      displayName: nullable({ ...string, maxLength: 256 }),
      owner: nullable({ ...string, pattern: namePattern }),
      endsAt: nullable(time),
    },
    ["displayName", "owner", "endsAt"],
  ),
  IssuedSubscription: object({ ...subscription, primaryKey: key, secondaryKey: key }),
  IssuedKey: object({ name: string, slot: { enum: ["primary", "secondary"] }, key }),
  Diagnostic: object(
    {
      code: { ...string, description: "See docs/reference/diagnostics.md." },
      severity: { enum: ["error", "warning"] },
      message: string,
      file: string,
      line: count,
      column: count,
      fix: string,
    },
    ["fix"],
  ),
  Problem: {
    ...object(
      { type: string, title: string, status: count, detail: string, reason: string, requestId: string, diagnostics },
      ["diagnostics"],
    ),
    additionalProperties: true,
    description: "RFC 9457. `reason` is a code of docs/reference/reasons.md.",
  },
};
