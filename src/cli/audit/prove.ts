import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { proofText } from "#audit/merkle/proof-text.ts";
import { findRecord } from "#audit/read/find.ts";
import { type ProofFailure, proveGrowth, proveLine } from "#audit/read/prove.ts";
import { auditFolder, type DataOption, withDataOption } from "#cli/data-option.ts";
import { problem } from "#cli/failure.ts";
import { BadInput, checkpointOf, type KeyOption, keysOf, withInput, withKeyOption } from "./trust.ts";

interface ProveOptions extends DataOption, KeyOption {
  readonly from?: string;
  readonly out?: string;
}

export function proveCommand(): Command {
  return withKeyOption(withDataOption(new Command("prove")))
    .description("write a proof that one record stands in the log, for somebody who has not the log")
    .argument("[record]", "the request id, or the record's number")
    .option("--from <checkpoint>", "prove instead that the log goes on from this checkpoint, or a file with it")
    .option("-o, --out <file>", "write it there (default: standard output)")
    .addHelpText(
      "after",
      "\nExamples:\n  sallyport audit prove 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11 --out record.tlog-proof\n  sallyport audit prove 4711\n  sallyport audit prove --from witnessed.txt",
    )
    .action((record: string | undefined, options: ProveOptions) => withInput(() => prove(record, options)));
}

async function prove(record: string | undefined, options: ProveOptions): Promise<void> {
  const folder = auditFolder(options);
  if (folder === undefined) return;
  const { from, out } = options;
  if ((record === undefined) === (from === undefined)) {
    throw new BadInput("usage", "name one record, or a checkpoint with --from", "see `sallyport audit prove --help`");
  }
  const proof =
    from === undefined
      ? await proveRecord(folder, record ?? "")
      : await proveGrowth(folder, await checkpointOf(from, await keysOf(options, folder)));
  if (typeof proof === "string") return fail(proof, record);
  if (out === undefined) process.stdout.write(proofText(proof));
  else await writeFile(out, proofText(proof));
}

async function proveRecord(folder: string, record: string): ReturnType<typeof proveLine> {
  const seq = /^\d{1,15}$/.test(record) ? Number(record) : (await findRecord(folder, record))?.seq;
  return seq === undefined || seq === 0 ? "not-found" : proveLine(folder, seq);
}

const failures: Readonly<Record<ProofFailure, readonly [message: string, fix: string]>> = {
  "not-found": ["there is no such record", "an id is the X-Request-Id of an answer; is this the right --data folder?"],
  "not-signed": ["no checkpoint speaks of it yet", "one is written at most a second after the record: try again"],
  "not-proven": [
    "the record is not what its checkpoint speaks of",
    "`sallyport audit verify` names the first bad record",
  ],
};

function fail(failure: ProofFailure, record: string | undefined): void {
  const [message, fix] = failures[failure];
  const what = record === undefined ? "" : ` (${JSON.stringify(record.slice(0, 80))})`;
  process.stderr.write(`${problem(`${message}${what}`, failure, fix)}\n`);
  process.exitCode = 1;
}
