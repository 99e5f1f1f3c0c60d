import { Command } from "commander";
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
}

/** `sallyport subscriptions`: who has a key, and for what. */
export function subscriptionsCommand(): Command {
  return new Command("subscriptions")
    .description("list, make, suspend and remove the subscriptions of a running gateway")
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(changeCommand("suspend", "refuse its keys until it is activated; all workers do so at once"))
    .addCommand(changeCommand("activate", "take the keys of a suspended subscription again"))
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
  const cells = all.map(({ name, scope, state, source, createdAt }) => [
    name,
    scope,
    state,
    source,
    `${createdAt.slice(0, 16)}Z`,
  ]);
  return `${table(["NAME", "SCOPE", "STATE", "SOURCE", "CREATED"], cells).join("\n")}\n`;
}

interface CreateOptions extends Options {
  readonly product?: string;
  readonly api?: string;
  readonly allApis: boolean;
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
    .action((name: string, options: CreateOptions) =>
      reporting(async () => {
        const body = JSON.stringify({ name, scope: scopeOf(options) });
        const request = { headers: { "Content-Type": "application/json" }, body };
        const reply = await askGateway(options, "POST", "/subscriptions", request);
        const { primaryKey, secondaryKey, scope } = bodyOf<Issued & Subscription>(reply);
        const text = `subscription ${name} for ${scope} is active\n${keysShownOnce({ primaryKey, secondaryKey })}`;
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

function changeCommand(change: "suspend" | "activate", about: string): Command {
  return adminCommand(new Command(change), `  sallyport subscriptions ${change} team-c`)
    .description(about)
    .argument("<name>", "its name")
    .action((name: string, options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "POST", `/subscriptions/${pathPart(name)}/${change}`);
        const { state } = bodyOf<Subscription>(reply);
        print(options, reply.text, `subscription ${name} is ${state}\n`);
      }),
    );
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
