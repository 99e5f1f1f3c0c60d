import { existsSync } from "node:fs";
import { Command } from "commander";
import { packageVersion } from "#app/version.ts";
import { exitCodesOf } from "./exit-codes.ts";

const demo = new URL("../../demo/main.ts", import.meta.url);

const examples = `
Examples:
  sallyport check --config sallyport.yaml --env dev
  sallyport run --config sallyport.yaml --env dev
  sallyport explain 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11
`;
/** The launcher has this command in a checkout only. */
const demoExample = "  sallyport demo --help        the quick start, which `npm start` runs\n";

/** One file a command, read when it is asked for: a command that only asks the gateway need not read all of it. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./run.ts")).runCommand(),
  check: async () => (await import("./check.ts")).checkCommand(),
  diff: async () => (await import("./diff.ts")).diffCommand(),
  promote: async () => (await import("./promote.ts")).promoteCommand(),
  render: async () => (await import("./render.ts")).renderCommand(),
  login: async () => (await import("./login/login.ts")).loginCommand(),
  logout: async () => (await import("./login/logout.ts")).logoutCommand(),
  token: async () => (await import("./login/token.ts")).tokenCommand(),
  whoami: async () => (await import("./login/whoami.ts")).whoamiCommand(),
  curl: async () => (await import("./login/curl.ts")).curlCommand(),
  explain: async () => (await import("./explain.ts")).explainCommand(),
  audit: async () => (await import("./audit.ts")).auditCommand(),
  certificates: async () => (await import("./certificates.ts")).certificatesCommand(),
  config: async () => (await import("./config.ts")).configCommand(),
  get: async () => (await import("./entries.ts")).getEntryCommand(),
  put: async () => (await import("./entries.ts")).putEntryCommand(),
  delete: async () => (await import("./entries.ts")).deleteEntryCommand(),
  revisions: async () => (await import("./entries.ts")).revisionsCommand(),
  status: async () => (await import("./status.ts")).statusCommand(),
  reload: async () => (await import("./status.ts")).reloadCommand(),
  upstreams: async () => (await import("./upstreams.ts")).upstreamsCommand(),
  products: async () => (await import("./products.ts")).productsCommand(),
  subscriptions: async () => (await import("./subscriptions.ts")).subscriptionsCommand(),
  revoke: async () => (await import("./revocations.ts")).revokeCommand(),
  revocations: async () => (await import("./revocations.ts")).revocationsCommand(),
  users: async () => (await import("./users.ts")).usersCommand(),
  groups: async () => (await import("./users.ts")).groupsCommand(),
  doctor: async () => (await import("./doctor/command.ts")).doctorCommand(),
  verify: async () => (await import("./verify/command.ts")).verifyCommand(),
  access: async () => (await import("./access/command.ts")).accessCommand(),
  stats: async () => (await import("./stats/command.ts")).statsCommand(),
  report: async () => (await import("./report/command.ts")).reportCommand(),
  logs: async () => (await import("./logs.ts")).logsCommand(),
  trace: async () => (await import("./trace.ts")).traceCommand(),
  shadow: async () => (await import("./shadow/command.ts")).shadowCommand(),
  sessions: async () => (await import("./sessions.ts")).sessionsCommand(),
  keys: async () => (await import("./keys/command.ts")).keysCommand(),
  "hash-password": async () => (await import("./hash-password.ts")).hashPasswordCommand(),
  import: async () => (await import("./import.ts")).importCommand(),
  export: async () => (await import("./export.ts")).exportCommand(),
  drift: async () => (await import("./drift.ts")).driftCommand(),
  policy: async () => (await import("./policy.ts")).policyCommand(),
  trust: async () => (await import("./trust.ts")).trustCommand(),
  ca: async () => (await import("./ca.ts")).caCommand(),
  backup: async () => (await import("./backup.ts")).backupCommand(),
  restore: async () => (await import("./restore.ts")).restoreCommand(),
  secrets: async () => (await import("./secrets/command.ts")).secretsCommand(),
  seal: async () => (await import("./seal.ts")).sealCommand(),
  completion: async () => (await import("./completion/command.ts")).completionCommand(() => createProgram()),
  schema: async () => (await import("./schema.ts")).schemaCommand(),
};

/**
 * The command line, each command with examples in its help. Usage errors end with 2, failures with 1.
 *
 * @param wanted the first argument: with the name of a command it is the only one; else all are there
 */
export async function createProgram(wanted?: string): Promise<Command> {
  const program = new Command("sallyport")
    .description(
      "An identity-aware API gateway: HTTPS edge, identity, policies and an audit record, from one definition.",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help for what this command takes)")
    .addHelpText("after", `${examples}${existsSync(demo) ? demoExample : ""}`)
    .addHelpText("afterAll", ({ command }) => exitCodesOf(command));
  const one = wanted !== undefined && Object.hasOwn(commands, wanted) ? commands[wanted] : undefined;
  for (const load of one === undefined ? Object.values(commands) : [one]) {
    program.addCommand(inherit(await load(), program));
  }
  return program;
}

/** How errors are shown and end, down to the last subcommand. */
function inherit(command: Command, parent: Command): Command {
  for (const child of command.commands) inherit(child, parent);
  return command.copyInheritedSettings(parent);
}
