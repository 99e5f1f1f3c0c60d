import { Command } from "commander";
import type { SubscriptionStep } from "#products/subscriptions.ts";
import { bodyOf } from "./admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./admin/command.ts";
import { AdminFailure, type AdminOptions, askGateway } from "./admin/connection.ts";
import { confirm } from "./admin/confirm.ts";
import { type Issued, keysShownOnce } from "./issued-keys.ts";
import { table } from "./table.ts";

type Options = AdminOptions & JsonOption;

interface Subscription {
  readonly name: string;
  readonly scope: string;
  readonly state: string;
  readonly source: string;
  readonly hasSecondaryKey: boolean;
  readonly createdAt: string;
  readonly owner: string | null;
  readonly endsAt: string | null;
}

/** `sallyport subscriptions`: who has a key, and for what. */
export function subscriptionsCommand(): Command {
  return new Command("subscriptions")
    .description("list, make, suspend and remove the subscriptions of a running gateway")
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(changeCommand("approve", "let it begin: its keys are good from now on"))
    .addCommand(changeCommand("reject", "turn it down; it stays in the list"))
    .addCommand(changeCommand("suspend", "refuse its keys until it is activated; all workers do so at once"))
    .addCommand(changeCommand("activate", "take the keys of a suspended subscription again"))
    .addCommand(changeCommand("cancel", "end it for good; it stays in the list"))
    .addCommand(extendCommand())
    .addCommand(removeCommand());
}

function listCommand(): Command {
  const examples =
    "  sallyport subscriptions list\n  sallyport subscriptions list --json | jq -r '.subscriptions[].name'";
  return adminCommand(new Command("list"), examples)
    .description("show the subscriptions, without their keys: those are shown once")
    .action((options: Options) =>
      reporting(async () => {
        const all = await everyPage(options);
        print(options, `${JSON.stringify({ subscriptions: all }, null, 2)}\n`, rows(all));
      }),
    );
}

/** There may be a million: they come page by page. */
async function everyPage(options: Options): Promise<readonly Subscription[]> {
  const all: Subscription[] = [];
  for (let after: string | null = ""; after !== null;) {
    const page = after === "" ? "" : `&after=${after}`;
    const reply = await askGateway(options, "GET", `/subscriptions?limit=1000${page}`);
    const body: { subscriptions: Subscription[]; next: string | null } = bodyOf(reply);
    all.push(...body.subscriptions);
    after = body.next;
  }
  return all;
}

function rows(all: readonly Subscription[]): string {
  const minute = (time: string | null): string => (time === null ? "" : `${time.slice(0, 16)}Z`);
  const cells = all.map(({ name, scope, state, owner, source, createdAt, endsAt }) => [
    name,
    scope,
    state,
    owner ?? "",
    source,
    minute(createdAt),
    minute(endsAt),
  ]);
  return `${table(["NAME", "SCOPE", "STATE", "OWNER", "SOURCE", "CREATED", "ENDS"], cells).join("\n")}\n`;
}

interface CreateOptions extends Options {
  readonly product?: string;
  readonly api?: string;
  readonly allApis: boolean;
  readonly owner?: string;
  readonly displayName?: string;
  readonly ends?: string;
}

function createCommand(): Command {
  const examples =
    "  sallyport subscriptions create team-c --product starter\n  sallyport subscriptions create nightly --api orders --json | jq -r .primaryKey";
  return adminCommand(new Command("create"), examples)
    .description("make a subscription; its two keys are shown this once")
    .argument("<name>", "1 to 128 letters, digits, '.', '_', '-'")
    .option("--product <name>", "for the APIs of a product")
    .option("--api <name>", "for one API")
    .option("--all-apis", "for every API", false)
    .option("--owner <user>", "the user that it belongs to, by id")
    .option("--display-name <text>", "name to show")
    .option("--ends <time>", "when it expires, such as 2027-01-31T00:00:00Z")
    .action((name: string, options: CreateOptions) =>
      reporting(async () => {
        const { owner, displayName, ends: endsAt } = options;
        const body = JSON.stringify({ name, scope: scopeOf(options), owner, displayName, endsAt });
        const request = { headers: { "Content-Type": "application/json" }, body };
        const reply = await askGateway(options, "POST", "/subscriptions", request);
        const { primaryKey, secondaryKey, scope, state } = bodyOf<Issued & Subscription>(reply);
        const next = state === "submitted" ? ": its keys are good once it is approved" : "";
        const keys = keysShownOnce({ primaryKey, secondaryKey });
        const text = `subscription ${name} for ${scope} is ${state}${next}\n${keys}`;
        print(options, reply.text, text);
      }),
    );
}

function scopeOf({ product, api, allApis }: CreateOptions): string {
  const given = [
    ...(product === undefined ? [] : [`product:${product}`]),
    ...(api === undefined ? [] : [`api:${api}`]),
    ...(allApis ? ["all"] : []),
  ];
  const [scope] = given;
  if (scope === undefined || given.length > 1) throw new AdminFailure("give one of --product, --api and --all-apis");
  return scope;
}

function changeCommand(change: SubscriptionStep, about: string): Command {
  const examples = `  sallyport subscriptions ${change} team-c\n  sallyport subscriptions ${change} team-c --comment "ticket 42"`;
  return adminCommand(new Command(change), examples)
    .description(about)
    .argument("<name>", "its name")
    .option("--comment <text>", "why: it stands in the audit record")
    .action((name: string, options: Options & { readonly comment?: string }) =>
      reporting(async () => {
        const why = options.comment === undefined ? "" : `?comment=${encodeURIComponent(options.comment)}`;
        await changed(options, name, `${change}${why}`);
      }),
    );
}

function extendCommand(): Command {
  return adminCommand(new Command("extend"), "  sallyport subscriptions extend team-c --until 2027-12-31T00:00:00Z")
    .description("give it another end; one that has expired is active again")
    .argument("<name>", "its name")
    .requiredOption("--until <time>", "the new end")
    .action((name: string, options: Options & { readonly until: string }) =>
      reporting(() => changed(options, name, `extend?until=${encodeURIComponent(options.until)}`)),
    );
}

async function changed(options: Options, name: string, call: string): Promise<void> {
  const reply = await askGateway(options, "POST", `/subscriptions/${pathPart(name)}/${call}`);
  const { state, endsAt } = bodyOf<Subscription>(reply);
  print(options, reply.text, `subscription ${name} is ${state}${endsAt === null ? "" : ` until ${endsAt}`}\n`);
}

function removeCommand(): Command {
  const examples = "  sallyport subscriptions remove team-c\n  sallyport subscriptions remove team-c --yes";
  return adminCommand(new Command("remove"), examples)
    .description("remove a subscription: its keys end at once")
    .argument("<name>", "its name")
    .option("-y, --yes", "do not ask", false)
    .action((name: string, options: Options & { readonly yes: boolean }) =>
      reporting(async () => {
        if (!(await confirm(`Remove ${name}? Its keys end at once.`, options.yes))) {
          throw new AdminFailure("nothing was changed");
        }
        const reply = await askGateway(options, "DELETE", `/subscriptions/${pathPart(name)}`);
        bodyOf(reply);
        print(options, reply.text, `subscription ${name} is removed\n`);
      }),
    );
}

/** A name that cannot be one never reaches the path. @throws AdminFailure */
export function pathPart(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)) return name;
  throw new AdminFailure("a subscription's name has 1 to 128 letters, digits, '.', '_', '-'");
}
