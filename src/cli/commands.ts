import type { Command } from "commander";

/** A command as the list of all of them shows it; the rest of it is read when it is asked for. */
export interface CommandEntry {
  /** A few words, without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Heading → name → command. A command that only asks a gateway need not read all that others do. */
export const commandGroups: Readonly<Record<string, Readonly<Record<string, CommandEntry>>>> = {
  "Run:": {
    run: {
      summary: "run the gateway in the foreground",
      load: async () => (await import("./run.ts")).runCommand(),
    },
    status: {
      summary: "what a running gateway runs, and where it listens",
      load: async () => (await import("./status.ts")).statusCommand(),
    },
    reload: {
      summary: "have a running gateway read its files anew",
      load: async () => (await import("./status.ts")).reloadCommand(),
    },
    upstreams: {
      summary: "the targets of each backend, and how they are",
      load: async () => (await import("./upstreams.ts")).upstreamsCommand(),
    },
    certificates: {
      summary: "each certificate: whose, until when, and what is wrong",
      load: async () => (await import("./certificates.ts")).certificatesCommand(),
    },
    trust: {
      summary: "have this machine trust the internal CA",
      load: async () => (await import("./trust.ts")).trustCommand(),
    },
    ca: {
      summary: "issue, list and revoke certificates of the internal CA",
      load: async () => (await import("./ca.ts")).caCommand(),
    },
    backup: {
      summary: "write the data folder and the definition into one file",
      load: async () => (await import("./backup.ts")).backupCommand(),
    },
    restore: {
      summary: "put a backup into an empty data folder",
      load: async () => (await import("./restore.ts")).restoreCommand(),
    },
  },
  "Definition:": {
    check: {
      summary: "every problem of a definition, with its place and fix",
      load: async () => (await import("./check.ts")).checkCommand(),
    },
    diff: {
      summary: "what differs between two environments, files or revisions",
      load: async () => (await import("./diff.ts")).diffCommand(),
    },
    promote: {
      summary: "what would change for callers, in words, before it changes",
      load: async () => (await import("./promote.ts")).promoteCommand(),
    },
    render: {
      summary: "write a definition as one environment runs it",
      load: async () => (await import("./render.ts")).renderCommand(),
    },
    policy: {
      summary: "try policy documents",
      load: async () => (await import("./policy.ts")).policyCommand(),
    },
    "hash-password": {
      summary: "make the hash of a password, for users of identity.basic",
      load: async () => (await import("./hash-password.ts")).hashPasswordCommand(),
    },
    schema: {
      summary: "print the JSON Schema of the definition, for editors",
      load: async () => (await import("./schema.ts")).schemaCommand(),
    },
    config: {
      summary: "read, check, change and roll back what a running gateway runs",
      load: async () => (await import("./config.ts")).configCommand(),
    },
    get: {
      summary: "entries of the definition of a running gateway",
      load: async () => (await import("./entries.ts")).getEntryCommand(),
    },
    put: {
      summary: "make or change one entry of it",
      load: async () => (await import("./entries.ts")).putEntryCommand(),
    },
    delete: {
      summary: "remove one entry from it",
      load: async () => (await import("./entries.ts")).deleteEntryCommand(),
    },
    revisions: {
      summary: "change which revision of an API is in use",
      load: async () => (await import("./entries.ts")).revisionsCommand(),
    },
  },
  "Proof that it does what it says:": {
    verify: {
      summary: "after a deploy: does it refuse and allow whom it should",
      load: async () => (await import("./verify/command.ts")).verifyCommand(),
    },
    drift: {
      summary: "compare the definition with what runs elsewhere",
      load: async () => (await import("./drift.ts")).driftCommand(),
    },
    doctor: {
      summary: "try known failures on this set-up, and say what to do",
      load: async () => (await import("./doctor/command.ts")).doctorCommand(),
    },
    shadow: {
      summary: "compare what an old gateway answers with what this one does",
      load: async () => (await import("./shadow/command.ts")).shadowCommand(),
    },
  },
  "Moving:": {
    import: {
      summary: "bring along a Caddyfile or an APIOps folder",
      load: async () => (await import("./import.ts")).importCommand(),
    },
    export: {
      summary: "write the definition for Caddy or API Management",
      load: async () => (await import("./export.ts")).exportCommand(),
    },
  },
  "People, keys and access:": {
    login: {
      summary: "log in, in the browser or by a code on another machine",
      load: async () => (await import("./login/login.ts")).loginCommand(),
    },
    logout: {
      summary: "forget a login",
      load: async () => (await import("./login/logout.ts")).logoutCommand(),
    },
    token: {
      summary: "print an access token of the login",
      load: async () => (await import("./login/token.ts")).tokenCommand(),
    },
    whoami: {
      summary: "what the gateway takes you for",
      load: async () => (await import("./login/whoami.ts")).whoamiCommand(),
    },
    curl: {
      summary: "run curl with the login's access token",
      load: async () => (await import("./login/curl.ts")).curlCommand(),
    },
    access: {
      summary: "test who may call what; ask for approvals, and decide",
      load: async () => (await import("./access/command.ts")).accessCommand(),
    },
    products: {
      summary: "the products of a running gateway",
      load: async () => (await import("./products.ts")).productsCommand(),
    },
    subscriptions: {
      summary: "list, make, suspend and remove subscriptions",
      load: async () => (await import("./subscriptions.ts")).subscriptionsCommand(),
    },
    keys: {
      summary: "show and change the keys of a subscription",
      load: async () => (await import("./keys/command.ts")).keysCommand(),
    },
    users: {
      summary: "list, make, change, block and remove users",
      load: async () => (await import("./users.ts")).usersCommand(),
    },
    groups: {
      summary: "list, make and remove groups of users",
      load: async () => (await import("./users.ts")).groupsCommand(),
    },
    sessions: {
      summary: "list the sessions of people who have logged in, and end them",
      load: async () => (await import("./sessions.ts")).sessionsCommand(),
    },
    revoke: {
      summary: "refuse a principal, a token, a client or an agent at once",
      load: async () => (await import("./revocations.ts")).revokeCommand(),
    },
    revocations: {
      summary: "list and lift what has been revoked",
      load: async () => (await import("./revocations.ts")).revocationsCommand(),
    },
    secrets: {
      summary: "show and change secrets that have a schedule",
      load: async () => (await import("./secrets/command.ts")).secretsCommand(),
    },
    seal: {
      summary: "the keys that secrets of the data folder are sealed under",
      load: async () => (await import("./seal.ts")).sealCommand(),
    },
  },
  "The record:": {
    explain: {
      summary: "each hand-over of one request: who decided what, and why",
      load: async () => (await import("./explain.ts")).explainCommand(),
    },
    audit: {
      summary: "search, verify, prove and report the record",
      load: async () => (await import("./audit.ts")).auditCommand(),
    },
    stats: {
      summary: "calls, refusals, errors, times and bytes",
      load: async () => (await import("./stats/command.ts")).statsCommand(),
    },
    report: {
      summary: "reports of what was counted, and of keys",
      load: async () => (await import("./report/command.ts")).reportCommand(),
    },
    logs: {
      summary: "see and change what is logged, while the gateway runs",
      load: async () => (await import("./logs.ts")).logsCommand(),
    },
    trace: {
      summary: "all that the gateway does with a request, with values",
      load: async () => (await import("./trace.ts")).traceCommand(),
    },
  },
};

export const commandNames: readonly string[] = [
  ...Object.values(commandGroups).flatMap((group) => Object.keys(group)),
  "completion",
];
