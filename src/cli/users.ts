import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { bodyOf } from "./admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./admin/command.ts";
import { AdminFailure, type AdminOptions, askGateway } from "./admin/connection.ts";
import { pathPart } from "./subscriptions.ts";
import { table } from "./table.ts";

type Options = AdminOptions & JsonOption;

interface User {
  readonly id: string;
  readonly email: string;
  readonly state: string;
  readonly groups: readonly string[];
}

interface UserOptions extends Options {
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly note?: string;
  readonly group?: readonly string[];
}

/** `sallyport users`: whom subscriptions belong to. */
export function usersCommand(): Command {
  return new Command("users")
    .description("list, make, change, block and remove the users of a running gateway")
    .addCommand(listCommand())
    .addCommand(createCommand())
    .addCommand(updateCommand())
    .addCommand(moveCommand("block", "refuse every key of theirs, at once"))
    .addCommand(moveCommand("activate", "take their keys again"))
    .addCommand(removeCommand())
    .addCommand(importCommand());
}

function listCommand(): Command {
  return adminCommand(
    new Command("list"),
    "  sallyport users list\n  sallyport users list --json | jq -r '.users[].email'",
  )
    .description("show the users")
    .action((options: Options) =>
      reporting(async () => {
        const all: User[] = [];
        for (let after: string | null = ""; after !== null;) {
          const page = after === "" ? "" : `&after=${after}`;
          const body: { users: User[]; next: string | null } = bodyOf(
            await askGateway(options, "GET", `/users?limit=1000${page}`),
          );
          all.push(...body.users);
          after = body.next;
        }
        const rows = all.map(({ id, email, state, groups }) => [id, email, state, groups.join(", ")]);
        const text = `${table(["ID", "E-MAIL", "STATE", "GROUPS"], rows).join("\n")}\n`;
        print(options, `${JSON.stringify({ users: all }, null, 2)}\n`, text);
      }),
    );
}

function createCommand(): Command {
  return withProfile(
    adminCommand(new Command("create"), "  sallyport users create ann --email ann@example.com --group partners")
      .description("make a user")
      .requiredOption("--email <address>", "e-mail address"),
    "a group (repeatable); developers when absent",
  ).action((id: string, options: UserOptions) =>
    reporting(async () => {
      const reply = await askGateway(options, "POST", "/users", json({ id: pathPart(id), ...profileOf(options) }));
      bodyOf(reply);
      print(options, reply.text, `user ${id} is made\n`);
    }),
  );
}

function updateCommand(): Command {
  return withProfile(
    adminCommand(new Command("update"), "  sallyport users update ann --group partners --group developers")
      .description("change what is said of a user; the rest stays")
      .option("--email <address>", "e-mail address"),
    "a group (repeatable), in the place of all that there are",
  ).action((id: string, options: UserOptions) =>
    reporting(async () => {
      const path = `/users/${pathPart(id)}`;
      const before = bodyOf<User>(await askGateway(options, "GET", path));
      const reply = await askGateway(options, "PUT", path, json({ ...before, ...profileOf(options) }));
      bodyOf(reply);
      print(options, reply.text, `user ${id} is changed\n`);
    }),
  );
}

function withProfile(command: Command, aboutGroups: string): Command {
  return command
    .argument("<id>", "1 to 128 letters, digits, '.', '_', '-'")
    .option("--first-name <name>", "first name")
    .option("--last-name <name>", "last name")
    .option("--note <text>", "what else is to know")
    .addOption(new Option("--group <name>", aboutGroups).argParser(appended));
}

/** What an option says, and nothing of the others. */
function profileOf({ email, firstName, lastName, note, group: groups }: UserOptions): object {
  const all = Object.entries({ email, firstName, lastName, note, groups });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

function appended(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function moveCommand(change: "block" | "activate", about: string): Command {
  return adminCommand(new Command(change), `  sallyport users ${change} ann`)
    .description(about)
    .argument("<id>", "the user's id")
    .action((id: string, options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "POST", `/users/${pathPart(id)}/${change}`);
        print(options, reply.text, movedText(id, change, bodyOf<User>(reply).state));
      }),
    );
}

/** Whose block an operator has lifted may have been blocked by a provider as well. */
function movedText(id: string, change: "block" | "activate", state: string): string {
  if (change === "block" || state === "active") return `user ${id} is ${state}\n`;
  return `user ${id} is still ${state}: by a provider, through SCIM. Activate once more to overrule it\n`;
}

function removeCommand(): Command {
  return adminCommand(new Command("remove"), "  sallyport users remove ann")
    .description("remove a user whom no subscription belongs to")
    .argument("<id>", "the user's id")
    .action((id: string, options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "DELETE", `/users/${pathPart(id)}`);
        bodyOf(reply);
        print(options, reply.text, `user ${id} is removed\n`);
      }),
    );
}

function importCommand(): Command {
  return adminCommand(new Command("import"), "  sallyport users import gateway/users.json")
    .description(
      "make the users and groups that `sallyport import apim --users` wrote; those that are there are renewed",
    )
    .argument("<file>", "users.json")
    .action((file: string, options: Options) =>
      reporting(async () => {
        const { groups, users } = await readUsers(file);
        for (const { name, ...group } of groups) {
          bodyOf(await askGateway(options, "PUT", `/groups/${pathPart(name)}`, json(group)));
        }
        for (const user of users) {
          bodyOf(await askGateway(options, "PUT", `/users/${pathPart(user.id)}`, json(user)));
        }
        const done = { users: users.length, groups: groups.length };
        print(options, `${JSON.stringify(done)}\n`, `${done.users} users and ${done.groups} groups are there\n`);
      }),
    );
}

interface UserFile {
  readonly groups: readonly { readonly name: string }[];
  readonly users: readonly { readonly id: string }[];
}

/** What each holds is for the gateway to check. @throws AdminFailure */
async function readUsers(file: string): Promise<UserFile> {
  try {
    const { groups, users } = JSON.parse(await readFile(file, "utf8")) as UserFile;
    const named =
      groups.every(({ name }) => typeof name === "string") && users.every(({ id }) => typeof id === "string");
    if (named) return { groups, users };
  } catch {
    // Without its message, which may quote the file.
  }
  throw new AdminFailure(`${file} is not what sallyport import apim --users writes`);
}

function json(body: object): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

interface Group {
  readonly name: string;
  readonly displayName: string;
  readonly isBuiltIn: boolean;
}

/** `sallyport groups`: what products are offered to. */
export function groupsCommand(): Command {
  return new Command("groups")
    .description("list, make and remove the groups of users of a running gateway")
    .addCommand(
      adminCommand(new Command("list"), "  sallyport groups list")
        .description("show the groups")
        .action((options: Options) =>
          reporting(async () => {
            const reply = await askGateway(options, "GET", "/groups");
            const { groups } = bodyOf<{ readonly groups: readonly Group[] }>(reply);
            const rows = groups.map(({ name, displayName, isBuiltIn }) => [name, isBuiltIn ? "yes" : "", displayName]);
            print(options, reply.text, `${table(["NAME", "BUILT IN", "DISPLAY NAME"], rows).join("\n")}\n`);
          }),
        ),
    )
    .addCommand(
      adminCommand(new Command("create"), "  sallyport groups create partners --display-name Partners")
        .description("make a group, or give it other texts")
        .argument("<name>", "1 to 128 letters, digits, '.', '_', '-'")
        .option("--display-name <text>", "name to show")
        .option("--description <text>", "what it is for")
        .action((name: string, options: Options & { readonly displayName?: string; readonly description?: string }) =>
          reporting(async () => {
            const { displayName, description } = options;
            const reply = await askGateway(
              options,
              "PUT",
              `/groups/${pathPart(name)}`,
              json({ displayName, description }),
            );
            bodyOf(reply);
            print(options, reply.text, `group ${name} is there\n`);
          }),
        ),
    )
    .addCommand(
      adminCommand(new Command("remove"), "  sallyport groups remove partners")
        .description("remove a group; its members stay")
        .argument("<name>", "its name")
        .action((name: string, options: Options) =>
          reporting(async () => {
            const reply = await askGateway(options, "DELETE", `/groups/${pathPart(name)}`);
            bodyOf(reply);
            print(options, reply.text, `group ${name} is removed\n`);
          }),
        ),
    );
}
