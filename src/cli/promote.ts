import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { withExitCodes } from "#cli/exit-codes.ts";
import { paint } from "#audit/read/terminal-text.ts";
import { compareDefinitions } from "#compile/comparison/compare.ts";
import type { Difference } from "#compile/comparison/difference.ts";
import { changesForCallers } from "#compile/promotion/promotion.ts";
import { sendFiles } from "./admin/change.ts";
import { reporting } from "./admin/command.ts";
import { withAdminOptions } from "./admin/connection.ts";
import { confirm } from "./admin/confirm.ts";
import { readLocal } from "./admin/local-files.ts";
import { type Accepted, collectAccepted, isAccepted } from "./comparison/accepted.ts";
import { type Promotion, refused, showPromotion } from "./comparison/show-promotion.ts";
import { readSide, type Side, SideFailure, type SideOptions } from "./comparison/side.ts";
import { readToday, type Today, type TodayOptions } from "./comparison/today.ts";
import { report } from "./definition-options.ts";
import { problem } from "./failure.ts";
import { isColored } from "./terminal.ts";

interface PromoteOptions extends TodayOptions {
  readonly from?: string;
  readonly to?: string;
  readonly accept: readonly Accepted[];
  readonly apply: boolean;
  readonly comment?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

/** `sallyport promote`: what callers of an environment would see, before they see it. */
export function promoteCommand(): Command {
  return withExitCodes(
    withAdminOptions(new Command("promote")),
    "0 nothing dangerous, or accepted, 1 refused, or failed, 2 wrong usage.",
  )
    .description("say what would change for callers of an environment, and refuse what is dangerous and not accepted")
    .option("-c, --config <file>", "the definition that is to run there", "sallyport.yaml")
    .option("--from <environment>", "where it was tried: what is otherwise there is told as well")
    .option("--to <environment>", "where it is to run; needed when the definition has several")
    .addOption(
      new Option("--against <file>", "what runs there today, instead of asking the gateway").conflicts("since"),
    )
    .option("--since <revision>", "the same, as a git revision has the definition")
    .addOption(
      new Option("--accept <code>", "a danger that is meant, of one thing alone with code:subject (repeatable)")
        .argParser(collectAccepted)
        .default([], "none"),
    )
    .option("--apply", "put it in force in the running gateway when nothing is refused", false)
    .option("-m, --comment <text>", "why; kept in the history")
    .option("-y, --yes", "do not ask before --apply", false)
    .option("--json", "print JSON", false)
    .addHelpText(
      "after",
      `
Examples:
  sallyport promote --from staging --to prod --admin-url https://gateway.example.com:8445
  sallyport promote --to prod --since v1.4.0 --json | jq '.changes[] | select(.level == "danger")'
  sallyport promote --to prod --accept 'limit-looser:operation orders.list'
  sallyport promote --to prod --accept limit-looser --apply --yes --comment 'release 42'

No secret is read here.`,
    )
    .action((options: PromoteOptions) => reporting(() => promote(options)));
}

async function promote(options: PromoteOptions): Promise<void> {
  try {
    const next = await readSide({ ...sideOf(options.to, options), isNext: true });
    const today = await readToday(next.definition.environment, options);
    const promotion = await compare(today, next, options);
    const isRefused = refused(promotion).length > 0;
    const text = options.json
      ? `${JSON.stringify({ ...promotion, refused: isRefused }, null, 2)}\n`
      : showPromotion(promotion, paint(isColored(process.stdout)));
    process.stdout.write(text);
    if (isRefused) process.exitCode = 1;
    else if (options.apply) await apply(today, options);
    else if (!options.json && promotion.changes.length > 0) process.stdout.write(whatNext(options.config, promotion));
  } catch (error) {
    if (!(error instanceof SideFailure)) throw error;
    if (error.message !== "") process.stderr.write(`${error.message}\n`);
    report(error, false);
    process.exitCode = 1;
  }
}

function sideOf(environment: string | undefined, { config }: PromoteOptions): SideOptions {
  return { file: resolve(config), environment, readFile };
}

async function compare({ side, source }: Today, next: Side, options: PromoteOptions): Promise<Promotion> {
  const { config, from, accept } = options;
  const tried = from === undefined ? undefined : await readSide(sideOf(from, options));
  const changes = changesForCallers(side.definition, next.definition).map((change) => ({
    ...change,
    isAccepted: isAccepted(change, accept),
  }));
  return {
    ...(from === undefined ? {} : { from }),
    to: next.definition.environment,
    today: { source, hash: side.hash },
    next: { source: config, hash: next.hash },
    changes,
    otherwise: tried === undefined ? [] : compareDefinitions(tried.definition, next.definition).filter(isTried),
  };
}

/** What one wants to have tried. The rest is what environments are there for. */
function isTried({ group }: Difference): boolean {
  return group === "access" || group === "policy" || group === "exception";
}

async function apply({ configuration }: Today, options: PromoteOptions): Promise<void> {
  if (configuration === undefined) {
    const fix = "leave out --since and --against: what is replaced must be what was compared";
    throw new SideFailure(problem("--apply needs the gateway to be asked for what it runs", "apply-unasked", fix));
  }
  if (!(await confirm(`Put ${options.config} in force?`, options.yes))) {
    throw new SideFailure("nothing was changed");
  }
  const { files, locate } = await readLocal(options.config, configuration);
  // The hash is of what was compared: whoever changes it meanwhile wins, and this is refused.
  await sendFiles(files, configuration.hash, { ...options, discardFileChanges: false }, locate);
}

function whatNext(config: string, { to }: Promotion): string {
  return `\nnothing is refused. Next, at the gateway of ${to}: npx sallyport config apply ${config}, or this again with --apply\n`;
}
