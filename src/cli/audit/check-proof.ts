import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { isControl } from "#audit/entry.ts";
import type { LogKey } from "#audit/merkle/log-key.ts";
import { type LogProof, readProof } from "#audit/merkle/proof-text.ts";
import { checkGrowth, checkLine, type Doubt, provenEntry } from "#audit/read/check-line.ts";
import { explainRecord } from "#audit/read/explain.ts";
import { isColored } from "#cli/terminal.ts";
import { BadInput, checkpointOf, keysOf, withInput } from "./trust.ts";

interface CheckOptions {
  readonly key: string;
  readonly from?: string;
  readonly json: boolean;
}

export function checkProofCommand(): Command {
  return new Command("check-proof")
    .description("verify a proof that `audit prove` has written; needs no more than the log's public key")
    .argument("<file>", "the proof")
    .requiredOption("--key <key>", "the log's public key, or a file with it")
    .option("--from <checkpoint>", "the older checkpoint, for a proof that a log goes on, or a file with it")
    .option("--json", "print the result as JSON", false)
    .addHelpText(
      "after",
      "\nExamples:\n  sallyport audit check-proof record.tlog-proof --key log-key.pub\n  sallyport audit check-proof growth.txt --key log-key.pub --from witnessed.txt",
    )
    .action((file: string, options: CheckOptions) => withInput(() => check(file, options)));
}

async function check(file: string, options: CheckOptions): Promise<void> {
  const keys = await keysOf(options);
  const proof = readProof(await readFile(file, "utf8"));
  if (proof === undefined) throw new BadInput("proof-refused", `${file} is no proof`, "give what `audit prove` wrote");
  const doubt = await doubtOf(proof, keys, options.from);
  process.exitCode = doubt === undefined ? 0 : 1;
  process.stdout.write(options.json ? `${JSON.stringify(asJson(proof, doubt), null, 2)}\n` : asText(proof, doubt));
}

async function doubtOf(proof: LogProof, keys: readonly LogKey[], from: string | undefined): Promise<Doubt> {
  if (proof.kind === "inclusion") return checkLine(proof, keys);
  if (from !== undefined) return checkGrowth(proof, await checkpointOf(from, keys), keys);
  throw new BadInput("checkpoint-missing", "this proof is about an older checkpoint", "give that with --from");
}

function asJson(proof: LogProof, doubt: Doubt): unknown {
  const { origin, size } = proof.checkpoint;
  const what =
    proof.kind === "inclusion" ? { number: proof.index + 1, record: provenEntry(proof) } : { from: proof.oldSize };
  return { ok: doubt === undefined, ...(doubt !== undefined && { why: doubt }), log: origin, size, ...what };
}

function asText(proof: LogProof, doubt: Doubt): string {
  if (doubt !== undefined) return `NOT proven: ${doubt}\n`;
  const { origin, size } = proof.checkpoint;
  if (proof.kind === "growth") return `proven: ${origin} goes on from ${proof.oldSize} lines to ${size}\n`;
  const entry = provenEntry(proof);
  const text =
    entry === undefined || isControl(entry) ? "" : `\n${explainRecord(entry, { color: isColored(process.stdout) })}`;
  return `proven: line ${proof.index + 1} of ${origin}, which had ${size} lines when it was signed\n${text}`;
}
