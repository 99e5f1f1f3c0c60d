import { Command } from "commander";
import { verifyAudit, type VerifyResult } from "#audit/read/verify.ts";
import { auditFolder, type DataOption, withDataOption } from "#cli/data-option.ts";
import { checkpointsOf, cosignedOf, type KeyOption, keysOf, withInput, withKeyOption } from "./trust.ts";

interface VerifyOptions extends DataOption, KeyOption {
  readonly checkpoint?: string;
  readonly witnessKey?: string;
  readonly json: boolean;
}

const examples = `
Without a checkpoint that was kept elsewhere, nobody can see that the newest records were cut off, or that whoever has
the node's key wrote the record anew.

Examples:
  sallyport audit verify
  sallyport audit verify --data /var/lib/sallyport --json
  sallyport audit verify --key log-key.pub --checkpoint witnessed.txt
  sallyport audit verify --key log-key.pub --witness-key witness.example/w1+1a2b3c4d+BAEC...`;

export function verifyCommand(): Command {
  return withKeyOption(withDataOption(new Command("verify")))
    .description("prove that no record was changed, dropped, inserted or reordered; names the first bad one")
    .option("--checkpoint <checkpoint>", "a checkpoint that was kept elsewhere, or a file with some")
    .option(
      "--witness-key <key>",
      "the public key of a witness whose cosignatures lie beside the record, or a file with it (default: the record's own witness-key.pub)",
    )
    .option("--json", "print the result as JSON", false)
    .addHelpText("after", examples)
    .action((options: VerifyOptions) =>
      withInput(async () => {
        const folder = auditFolder(options);
        if (folder === undefined) return;
        const { checkpoint } = options;
        const keys = await keysOf(options, folder);
        const witnessed = checkpoint === undefined ? {} : { witnessed: await checkpointsOf(checkpoint, keys) };
        const cosigned = await cosignedOf(folder, options.witnessKey, keys);
        const result = await verifyAudit(folder, { keys, ...witnessed, ...cosigned });
        process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : describeResult(result));
        process.exitCode = result.ok ? 0 : 1;
      }),
    );
}

function describeResult(result: VerifyResult): string {
  const { ok, records, segments, firstBad, gaps, gapCount, tornTail } = result;
  const lines = [`${ok ? "ok" : "BAD"}: ${records} records in ${segments} ${segments === 1 ? "segment" : "segments"}`];
  if (firstBad !== undefined) {
    const { file, line, seq, problem, detail } = firstBad;
    lines.push(`first bad record: ${file}:${line} (number ${seq}), ${problem}: ${detail}`);
  }
  for (const gap of gaps.slice(-5)) lines.push(`gap at ${gap.time} after number ${gap.afterSeq}: ${gap.why}`);
  if (gapCount > 5) lines.push(`${gapCount} gaps in all; the newest five are shown`);
  if (tornTail)
    lines.push("the last line is not whole: the gateway is writing, or was killed; its next start sets that right");
  if (ok) lines.push(...describeEnd(result));
  return `${lines.join("\n")}\n`;
}

function describeEnd(result: VerifyResult): readonly string[] {
  const { closed, head, checkpoints, signed, tree, retired, isWitnessChecked, cosigned } = result;
  const state = closed ? "closed in order" : "not closed: the gateway runs, or was killed";
  const lines = [`${state}; head ${head.seq} ${head.hash}`];
  if (retired !== undefined) lines.push(`${retired.lines} lines in ${retired.segments} segments were retired before`);
  if (isWitnessChecked === false) lines.push("the checkpoint that was given speaks only of lines that were retired");
  if (signed !== undefined) {
    // The line that holds the checkpoint is one that it does not speak of.
    const behind = tree.size - signed.size - 1;
    lines.push(`${checkpoints} checkpoints, the last of ${signed.time}, with ${behind} lines behind it`);
  }
  if (cosigned !== undefined) {
    const { witness, time, size } = cosigned;
    lines.push(`${cosigned.checkpoints} cosigned by a witness, the last by ${witness} at ${time}, of ${size} lines`);
  }
  return lines;
}
