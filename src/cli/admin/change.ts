import { Command } from "commander";
import { wholeNumber } from "#cli/numbers.ts";
import { bodyOf, type Change, type Locate, type SentTexts, show } from "./answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./command.ts";
import { AdminFailure, type AdminOptions, type AdminRequest, askGateway } from "./connection.ts";
import { confirm } from "./confirm.ts";
import { readLocal } from "./local-files.ts";
import { withProgress } from "./progress.ts";
import { readConfiguration } from "./read.ts";
import { diffFiles, type Files } from "./text-diff.ts";

export interface ChangeOptions extends AdminOptions, JsonOption {
  readonly comment?: string;
  readonly ifMatch?: string;
  readonly discardFileChanges: boolean;
  readonly yes: boolean;
}

export function changing(command: Command, examples: string): Command {
  return adminCommand(command, examples)
    .option("-m, --comment <text>", "why; kept in the history")
    .option("--if-match <hash>", "only when this is the hash in force; the one shown before asking when absent")
    .option(
      "--discard-file-changes",
      "overwrite files that were changed on the gateway's disk and are not in force",
      false,
    )
    .option("-y, --yes", "do not ask", false);
}

export function applyCommand(): Command {
  const examples =
    "  sallyport config apply sallyport.yaml\n  sallyport config apply sallyport.yaml --yes --comment 'release 42'\n  sallyport config apply sallyport.yaml --if-match \"$(jq -r .hash before.json)\"";
  return changing(new Command("apply"), examples)
    .description("put a definition in force: its files, the history and every worker, or nothing")
    .argument("<file>", "the definition; OpenAPI and policy documents beside it come along")
    .action((file: string, options: ChangeOptions) =>
      reporting(async () => {
        const current = await readConfiguration(options);
        const { files, locate } = await readLocal(file, current);
        const agreed = await agree(current.files, { ...current.files, ...files }, `Apply ${file}?`, options);
        if (agreed) await sendFiles(files, current.hash, options, locate);
      }),
    );
}

export function rollbackCommand(): Command {
  const examples =
    "  sallyport config rollback 12\n  sallyport config rollback 12 --yes --comment 'the limit was too low'";
  return changing(new Command("rollback"), examples)
    .description("put an earlier configuration in force again")
    .argument("<id>", "its number in the history", wholeNumber(1, 999_999_999))
    .action((id: number, options: ChangeOptions) =>
      reporting(async () => {
        const [current, earlier] = [await readConfiguration(options), await readConfiguration(options, id)];
        const agreed = await agree(current.files, earlier.files, `Go back to ${id}?`, options);
        if (agreed) await send("POST", `/config/rollback/${id}`, {}, current.hash, options, (name) => name);
      }),
    );
}

export async function agree(before: Files, after: Files, question: string, options: ChangeOptions): Promise<boolean> {
  const isAsked = !options.yes && process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (isAsked) process.stderr.write(diffFiles(before, after) || "nothing changes\n");
  if (await confirm(question, options.yes)) return true;
  throw new AdminFailure("nothing was changed");
}

/** Puts files of the configuration in force. @param hash of the one that they were made from */
export function sendFiles(
  files: Files,
  hash: string,
  options: ChangeOptions,
  locate: Locate,
  sent?: SentTexts,
): Promise<void> {
  const request = { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ files }) };
  return send("PUT", "/config", request, hash, options, locate, sent);
}

async function send(
  method: string,
  path: string,
  { headers, body }: AdminRequest,
  hash: string,
  options: ChangeOptions,
  locate: Locate,
  sent?: SentTexts,
): Promise<void> {
  const query = new URLSearchParams();
  if (options.comment !== undefined) query.set("comment", options.comment);
  if (options.discardFileChanges) query.set("discard-file-changes", "true");
  const target = query.size === 0 ? path : `${path}?${query}`;
  const condition = { "If-Match": `"${options.ifMatch ?? hash}"` };
  const request = { headers: { ...headers, ...condition }, ...(body === undefined ? {} : { body }) };
  const reply = await withProgress("applying", askGateway(options, method, target, request));
  const change = bodyOf<Change>(reply, locate, sent);
  process.stderr.write(show(change.warnings, locate, sent));
  print(options, reply.text, described(change));
}

function described({ id, hash, unchanged, restart }: Change): string {
  if (unchanged) return `nothing to change: configuration ${id} is in force (hash ${hash.slice(0, 12)})\n`;
  const later = restart.length === 0 ? "" : `these settings take effect at the next start: ${restart.join(", ")}\n`;
  return `configuration ${id} is in force (hash ${hash.slice(0, 12)})\n${later}`;
}
