import { Argument, Command } from "commander";
import { readFile } from "node:fs/promises";
import { text as readStream } from "node:stream/consumers";
import { answerEntry, type EntryQuestion } from "#config/entries/answer.ts";
import { type EntryKind, entryKinds } from "#config/entries/kinds.ts";
import { bodyOf, type Configuration } from "./admin/answers.ts";
import { agree, changing, type ChangeOptions, sendFiles } from "./admin/change.ts";
import { adminCommand, type JsonOption, print, reporting } from "./admin/command.ts";
import { AdminFailure, type AdminOptions, askGateway } from "./admin/connection.ts";
import { readConfiguration } from "./admin/read.ts";
import { problem } from "./failure.ts";

interface EnvironmentOption {
  readonly env?: string;
}

const kindArgument = (): Argument =>
  new Argument("<kind>", "what it is").choices(entryKinds.map(({ name }) => name)).argRequired();

const withEnvironment = (command: Command): Command =>
  command.option("-e, --env <name>", "environment of named values; the running one when absent");

/** `sallyport get`: what the definition of a running gateway says of one thing. */
export function getEntryCommand(): Command {
  const examples =
    "  sallyport get apis\n  sallyport get products starter > starter.yaml\n  sallyport get named-values --json | jq -r '.names[]'";
  return withEnvironment(adminCommand(new Command("get"), examples))
    .description("print the names of a kind in the definition of a running gateway, or one entry as it is written")
    .addArgument(kindArgument())
    .argument("[name]", "one of them")
    .action((kind: string, name: string | undefined, options: AdminOptions & JsonOption & EnvironmentOption) =>
      reporting(async () => {
        const path = await pathOf(kind, options);
        const { files, definition } = await readConfiguration(options);
        const found = answerEntry(
          files[definition] ?? "",
          name === undefined ? { ask: "names", path } : { ask: "read", path: [...path, name] },
        );
        if (found.kind === "text") return print(options, `${JSON.stringify({ text: found.text })}\n`, found.text);
        if (found.kind !== "names") throw failure(found.problem);
        const { names } = found;
        print(options, `${JSON.stringify({ names })}\n`, names.map((one) => `${one}\n`).join(""));
      }),
    );
}

/** `sallyport put`. */
export function putEntryCommand(): Command {
  const examples =
    "  sallyport put products starter starter.yaml --comment 'a higher quota'\n  echo 20 | sallyport put named-values limit -\n  sallyport put backends orders orders.yaml --yes";
  return withEnvironment(changing(new Command("put"), examples))
    .description("make one entry of the definition of a running gateway, or make it exactly this")
    .addArgument(kindArgument())
    .argument("<name>", "its name")
    .argument("<file>", "YAML or JSON of the entry; - for standard input")
    .action((kind: string, name: string, file: string, options: ChangeOptions & EnvironmentOption) =>
      reporting(async () => {
        const value = await readValue(file);
        if (/^\s*</.test(value)) throw failureOfXml(file);
        const path = [...(await pathOf(kind, options)), name];
        await change(`Put ${kind} ${name}?`, { ask: "set", path, value }, options);
      }),
    );
}

/** `sallyport delete`. */
export function deleteEntryCommand(): Command {
  const examples = "  sallyport delete fragments old-checks\n  sallyport delete products starter --yes";
  return withEnvironment(changing(new Command("delete"), examples))
    .description("remove one entry from the definition of a running gateway")
    .addArgument(kindArgument())
    .argument("<name>", "its name")
    .action((kind: string, name: string, options: ChangeOptions & EnvironmentOption) =>
      reporting(async () => {
        const path = [...(await pathOf(kind, options)), name];
        await change(`Delete ${kind} ${name}?`, { ask: "delete", path }, options);
      }),
    );
}

/** `sallyport revisions make-current`. */
export function revisionsCommand(): Command {
  const examples = "  sallyport revisions make-current shop-next --comment 'tried for a week'";
  const makeCurrent = changing(new Command("make-current"), examples)
    .description("make a revision of an API the one in use; the one that was is served with ;rev=N")
    .argument("<api>", "the API that is the revision")
    .action((api: string, options: ChangeOptions) =>
      reporting(() => change(`Make ${api} the one in use?`, { ask: "make-current", api }, options)),
    );
  return new Command("revisions").description("change which revision of an API is in use").addCommand(makeCurrent);
}

async function change(question: string, edit: EntryQuestion, options: ChangeOptions): Promise<void> {
  const current = await readConfiguration(options);
  const edited = answerEntry(textOf(current), edit);
  if (edited.kind === "names") throw failure("there is nothing to change");
  if (edited.kind !== "text") throw failure(edited.problem);
  const files = { [current.definition]: edited.text };
  const agreed = await agree(current.files, { ...current.files, ...files }, question, options);
  if (agreed) await sendFiles(files, current.hash, options, (name) => name, { ...current.files, ...files });
}

function textOf({ files, definition }: Configuration): string {
  return files[definition] ?? "";
}

async function pathOf(name: string, options: AdminOptions & EnvironmentOption): Promise<readonly string[]> {
  const { path } = entryKinds.find((kind) => kind.name === name) as EntryKind;
  if (path("a").join() === path("b").join()) return path("");
  if (options.env !== undefined) return path(options.env);
  const { environment } = bodyOf<{ readonly environment: string }>(await askGateway(options, "GET", "/status"));
  return path(environment);
}

async function readValue(file: string): Promise<string> {
  try {
    return file === "-" ? await readStream(process.stdin) : await readFile(file, "utf8");
  } catch (error) {
    throw new AdminFailure(problem(`${file} cannot be read: ${(error as Error).message}`, "file-unreadable"));
  }
}

/** A scalar in YAML, and the name of a file to the definition. */
function failureOfXml(file: string): AdminFailure {
  const fix = "put its file beside the definition, name it there, and sallyport config apply: documents come along";
  return new AdminFailure(problem(`${file} is a document of XML, and no entry of a definition`, "entry-unknown", fix));
}

function failure(text: string): AdminFailure {
  return new AdminFailure(problem(text, "entry-unknown", "npx sallyport get <kind> shows the names that there are"));
}
