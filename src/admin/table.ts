import type { AdminOperation } from "./operation.ts";
import { accessOperations } from "./access-table.ts";
import { analyticsOperations } from "./analytics-table.ts";
import { acts, json, reads } from "./rows.ts";
import { openApiDocument } from "./openapi.ts";
import {
  applyConfiguration,
  listHistory,
  readConfiguration,
  readHistory,
  reloadConfiguration,
  rollBack,
  validateConfiguration,
} from "./operations/configuration.ts";
import { entryKinds } from "#config/entries/kinds.ts";
import { changeEntry, listEntries, makeRevisionCurrent, readOneEntry } from "./operations/entries.ts";
import { readMetrics } from "./operations/metrics.ts";
import { liftRevocation, listRevocations, revoke } from "./operations/revocations.ts";
import { listProducts } from "./operations/products.ts";
import {
  createSubscription,
  decideSubscription,
  extendSubscription,
  listSubscriptions,
  readSubscription,
  regenerateKey,
  removeSubscription,
} from "./operations/subscriptions.ts";
import {
  listGroups,
  listUsers,
  moveUser,
  putGroup,
  putUser,
  readUser,
  removeGroup,
  removeUser,
} from "./operations/users.ts";
import { listCertificates, listUpstreams, readRoots, readStatus } from "./operations/state.ts";
import { keyOperations } from "./key-table.ts";
import { logLevelOperations } from "./log-levels-table.ts";
import { secretOperations } from "./secret-table.ts";
import { shadowOperations } from "./shadow-table.ts";
import { tracingOperations } from "./tracing-table.ts";
import { endSession, endSessionsOf, listSessions } from "./operations/sessions.ts";
import { answer } from "./result.ts";
import type { SubscriptionStep } from "#products/subscriptions.ts";

const changeQuery: AdminOperation["query"] = {
  comment: { pattern: "^[^\\p{Cc}]{0,500}$", about: "Why: kept in the history." },
  "discard-file-changes": {
    pattern: "^(true|false)$",
    about: "true: overwrite files that were changed on the disk and are not in force.",
  },
};
const changeRefusals = [
  "precondition-missing",
  "configuration-conflict",
  "configuration-drift",
  "configuration-invalid",
  "configuration-read-only",
  "configuration-failed",
] as const;
const changeOfSubscription = ["subscription-unknown", "subscription-conflict"] as const;
const changeOfUser = ["user-unknown", "user-conflict"] as const;
const pageQuery: AdminOperation["query"] = {
  limit: { pattern: "^[1-9][0-9]{0,3}$", about: "How many; 100 when absent." },
  after: { pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", about: "`next` of the page before." },
};

const timePattern = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)$";

function decides(step: SubscriptionStep, summary: string): AdminOperation {
  return acts(`${step}-subscription`, "POST", `/subscriptions/{name}/${step}`, {
    summary,
    query: { comment: { pattern: "^[^\\p{Cc}]{1,500}$", about: "Why: it stands in the record of the call." } },
    answers: json("Subscription"),
    refusals: changeOfSubscription,
    run: decideSubscription(step),
  });
}

/** Single entries of the definition, by kind and name: a change is one of the whole configuration, with its history. */
const entryOperations: readonly AdminOperation[] = entryKinds.flatMap((kind) => {
  const path = `/definition/${kind.name}`;
  const change = { query: changeQuery, conditional: true, answers: json("Change") } as const;
  const refusals = ["entry-unknown", "entry-not-editable", ...changeRefusals] as const;
  return [
    reads(`list-definition-${kind.name}`, path, {
      summary: `Names of each ${kind.one} in the definition.`,
      answers: json("Names"),
      run: listEntries(kind),
    }),
    reads(`read-definition-${kind.name}`, `${path}/{name}`, {
      summary: `One ${kind.one}, as it is written.`,
      answers: { "application/yaml": "text" },
      refusals: ["entry-unknown"],
      run: readOneEntry(kind),
    }),
    acts(`put-definition-${kind.name}`, "PUT", `${path}/{name}`, {
      ...change,
      summary: `Make one ${kind.one}, or make it exactly this.`,
      body: "entry",
      refusals: refusals.slice(1),
      run: changeEntry(kind, "set"),
    }),
    acts(`remove-definition-${kind.name}`, "DELETE", `${path}/{name}`, {
      ...change,
      summary: `Remove one ${kind.one}.`,
      refusals,
      run: changeEntry(kind, "delete"),
    }),
  ];
});

/** The admin API: the server routes by this table, and the OpenAPI document is made of it. */
export const adminOperations: readonly AdminOperation[] = [
  reads("describe", "/openapi.json", {
    summary: "This API as an OpenAPI document.",
    answers: json("OpenApi"),
    run: async () => answer(openApiDocument(adminOperations)),
  }),
  reads("read-status", "/status", {
    summary: "What runs: version, environment, workers, listeners, configuration.",
    answers: json("Status"),
    run: readStatus,
  }),
  reads("read-config", "/config", {
    summary: "The configuration in force: the definition as it was written, or with its documents as JSON.",
    answers: { "application/yaml": "text", "application/json": "Configuration" },
    run: readConfiguration,
  }),
  acts("apply-config", "PUT", "/config", {
    summary: "Put a configuration in force: files, history and workers, or nothing.",
    query: changeQuery,
    conditional: true,
    body: "configuration",
    answers: json("Change"),
    refusals: changeRefusals,
    run: applyConfiguration,
  }),
  // Not for viewers: what a definition may refer to is any file of the machine, and the answer tells of it.
  acts("validate-config", "POST", "/config/validate", {
    summary: "Check a configuration as `sallyport check` does; nothing changes.",
    body: "configuration",
    answers: json("Validation"),
    run: validateConfiguration,
  }),
  reads("list-history", "/config/history", {
    summary: "Configurations that were in force, the newest first.",
    query: { limit: { pattern: "^[1-9][0-9]{0,4}$", about: "How many; 100 when absent." } },
    answers: json("History"),
    run: listHistory,
  }),
  reads("read-history", "/config/history/{id}", {
    summary: "One of them with its files.",
    answers: json("Configuration"),
    refusals: ["history-entry-unknown"],
    run: readHistory,
  }),
  acts("rollback-config", "POST", "/config/rollback/{id}", {
    summary: "Put an earlier configuration in force again.",
    query: changeQuery,
    conditional: true,
    answers: json("Change"),
    refusals: [...changeRefusals, "history-entry-unknown"],
    run: rollBack,
  }),
  ...entryOperations,
  acts("make-revision-current", "POST", "/definition/apis/{name}/make-current", {
    summary: "Make a revision of an API the one in use; the one that was is served with ;rev=N.",
    query: changeQuery,
    conditional: true,
    answers: json("Change"),
    refusals: ["entry-unknown", "entry-not-editable", ...changeRefusals],
    run: makeRevisionCurrent,
  }),
  acts("reload-config", "POST", "/reload", {
    summary: "Read the files on the disk and put them in force.",
    answers: json("Reload"),
    refusals: ["configuration-invalid", "configuration-failed"],
    run: reloadConfiguration,
  }),
  reads("list-certificates", "/certificates", {
    summary: "Certificates, without their keys: until when, when renewed, and why that fails.",
    answers: json("Certificates"),
    run: listCertificates,
  }),
  reads("read-internal-roots", "/ca/root.crt", {
    summary: "The internal CA's root, for clients to trust, and the next one when there is one.",
    answers: { "application/x-pem-file": "text" },
    refusals: ["internal-ca-absent"],
    run: readRoots,
  }),
  reads("read-metrics", "/metrics", {
    summary: "Metrics as text, for Prometheus; as OpenMetrics where Accept asks for it.",
    answers: { "text/plain": "text", "application/openmetrics-text": "text" },
    run: readMetrics,
  }),
  reads("list-upstreams", "/upstreams", {
    summary: "Backends with their targets, and how the workers find them.",
    answers: json("Upstreams"),
    run: listUpstreams,
  }),
  reads("list-products", "/products", {
    summary: "Products of the definition, with their APIs.",
    answers: json("Products"),
    run: listProducts,
  }),
  reads("list-subscriptions", "/subscriptions", {
    summary: "Subscriptions by name, without their keys: those are shown once.",
    query: {
      limit: { pattern: "^[1-9][0-9]{0,3}$", about: "How many; 100 when absent." },
      after: { pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", about: "`next` of the page before." },
    },
    answers: json("Subscriptions"),
    run: listSubscriptions,
  }),
  acts("create-subscription", "POST", "/subscriptions", {
    summary: "Make a subscription; the answer holds its two keys, which are shown this once.",
    body: "NewSubscription",
    answers: json("IssuedSubscription"),
    refusals: ["subscription-conflict"],
    run: createSubscription,
  }),
  reads("read-subscription", "/subscriptions/{name}", {
    summary: "One subscription, without its keys.",
    answers: json("Subscription"),
    refusals: ["subscription-unknown"],
    run: readSubscription,
  }),
  acts("remove-subscription", "DELETE", "/subscriptions/{name}", {
    summary: "Remove a subscription: every worker refuses its keys at once.",
    answers: json("Subscription"),
    refusals: changeOfSubscription,
    run: removeSubscription,
  }),
  decides("approve", "Let a subscription that waits for approval begin: its keys are good from now on."),
  decides("reject", "Turn a subscription down that waits for approval."),
  decides("suspend", "Refuse the keys of a subscription until it is activated."),
  decides("activate", "Take the keys of a suspended subscription again."),
  decides("cancel", "End a subscription for good; it stays in the list."),
  acts("extend-subscription", "POST", "/subscriptions/{name}/extend", {
    summary: "Give a subscription another end; one that has expired is active again.",
    query: { until: { pattern: timePattern, about: "The new end, such as 2027-01-31T00:00:00Z." } },
    answers: json("Subscription"),
    refusals: changeOfSubscription,
    run: extendSubscription,
  }),
  reads("list-users", "/users", {
    summary: "Users by id.",
    query: pageQuery,
    answers: json("Users"),
    run: listUsers,
  }),
  acts("create-user", "POST", "/users", {
    summary: "Make a user.",
    body: "NewUser",
    answers: json("User"),
    refusals: ["user-conflict"],
    run: putUser(true),
  }),
  reads("read-user", "/users/{name}", {
    summary: "One user, by id.",
    answers: json("User"),
    refusals: ["user-unknown"],
    run: readUser,
  }),
  acts("put-user", "PUT", "/users/{name}", {
    summary: "Make a user, or make it exactly this.",
    body: "NewUser",
    answers: json("User"),
    refusals: ["user-conflict"],
    run: putUser(false),
  }),
  acts("remove-user", "DELETE", "/users/{name}", {
    summary: "Remove a user whom no subscription belongs to.",
    answers: json("User"),
    refusals: changeOfUser,
    run: removeUser,
  }),
  acts("block-user", "POST", "/users/{name}/block", {
    summary: "Refuse a user: every key of every subscription of theirs, at once.",
    answers: json("User"),
    refusals: changeOfUser,
    run: moveUser("blocked"),
  }),
  acts("activate-user", "POST", "/users/{name}/activate", {
    summary: "Take a user's keys again.",
    answers: json("User"),
    refusals: changeOfUser,
    run: moveUser("active"),
  }),
  reads("list-revocations", "/revocations", {
    summary: "What has been revoked, and still is.",
    answers: json("Revocations"),
    run: listRevocations,
  }),
  acts("revoke", "POST", "/revocations", {
    summary: "Revoke a principal, a token, a client or an agent: refused by all workers when this is answered.",
    body: "RevocationRequest",
    answers: json("Revocation"),
    refusals: ["revocation-conflict"],
    run: revoke,
  }),
  acts("lift-revocation", "POST", "/revocations/lift", {
    summary: "Take a revocation back.",
    body: "RevokedId",
    answers: json("RevokedId"),
    refusals: ["revocation-unknown"],
    run: liftRevocation,
  }),
  reads("list-sessions", "/sessions", {
    summary: "Sessions of people who have logged in: whose, where, and since when.",
    query: pageQuery,
    answers: json("Sessions"),
    run: listSessions,
  }),
  acts("end-sessions", "DELETE", "/sessions", {
    summary: "End all sessions of a person: every worker refuses them at once, and what they have open ends.",
    query: {
      provider: { pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", about: "Name of the provider in the definition." },
      subject: { pattern: "^[^\\p{Cc}]{1,500}$", about: "Subject of the person at the provider." },
    },
    answers: json("EndedSessions"),
    run: endSessionsOf,
  }),
  acts("end-session", "DELETE", "/sessions/{name}", {
    summary: "End one session: every worker refuses it at once, and what it has open ends.",
    answers: json("EndedSessions"),
    refusals: ["session-unknown"],
    run: endSession,
  }),
  reads("list-groups", "/groups", {
    summary: "Groups of users, those that are always there among them.",
    answers: json("Groups"),
    run: listGroups,
  }),
  acts("put-group", "PUT", "/groups/{name}", {
    summary: "Make a group, or give it other texts.",
    body: "NewGroup",
    answers: json("Group"),
    refusals: changeOfUser,
    run: putGroup,
  }),
  acts("remove-group", "DELETE", "/groups/{name}", {
    summary: "Remove a group; its members stay.",
    answers: json("Group"),
    refusals: changeOfUser,
    run: removeGroup,
  }),
  ...keyOperations,
  acts("regenerate-key", "POST", "/subscriptions/{name}/regenerate-key", {
    summary: "Make a new key for a slot; the old one ends at once, the other one goes on.",
    query: { slot: { pattern: "^(primary|secondary)$", about: "Which of the two; secondary when absent." } },
    answers: json("IssuedKey"),
    refusals: changeOfSubscription,
    run: regenerateKey,
  }),
  ...tracingOperations,
  ...logLevelOperations,
  ...secretOperations,
  ...shadowOperations,
  ...analyticsOperations,
  ...accessOperations,
];
