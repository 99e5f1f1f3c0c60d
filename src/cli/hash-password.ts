import { randomBytes } from "node:crypto";
import { Command, InvalidArgumentError, Option } from "commander";
import { type HashAlgorithm, makePasswordHash } from "#lib/password-hash/make.ts";
import { problem } from "./failure.ts";
import { askTwice, readPassword, PasswordInputError } from "./password-input.ts";

interface HashOptions {
  readonly algorithm: HashAlgorithm;
  readonly cost: number;
  readonly json: boolean;
}

const costs = { least: 10, most: 16 } as const;
/** As bcrypt's own users have it today, between a quarter and half a second. */
const usualCost = 12;

/** `sallyport hash-password`: what a user of `identity.basic` has instead of a password. */
export function hashPasswordCommand(): Command {
  return new Command("hash-password")
    .description("make the hash of a password, for users of identity.basic; asked for, or read from stdin")
    .addOption(
      new Option("--algorithm <name>", "argon2id, or bcrypt as Caddy has it")
        .choices(["argon2id", "bcrypt"])
        .default("argon2id"),
    )
    .addOption(
      new Option("--cost <number>", `of bcrypt, ${costs.least} to ${costs.most}: one more takes twice as long`)
        .argParser(costOf)
        .default(usualCost),
    )
    .option("--json", "print it as JSON", false)
    .addHelpText(
      "after",
      `
A password is no argument: command lines are seen by everybody on the machine.

Examples:
  sallyport hash-password
  sallyport hash-password --algorithm bcrypt < password.txt > alice.hash`,
    )
    .action(async (options: HashOptions) => {
      try {
        const password = process.stdin.isTTY
          ? await askTwice(process.stdin, process.stderr)
          : await readPassword(process.stdin);
        const { algorithm, cost, json } = options;
        const hash = makePasswordHash(password, algorithm, cost, randomBytes(16));
        process.stdout.write(`${json ? JSON.stringify({ algorithm, hash }) : hash}\n`);
      } catch (error) {
        if (!(error instanceof PasswordInputError || error instanceof RangeError)) throw error;
        process.stderr.write(`${problem(error.message, "password-unusable", "give one password, on one line")}\n`);
        process.exitCode = 1;
      }
    });
}

function costOf(text: string): number {
  const cost = Number(text);
  if (Number.isInteger(cost) && cost >= costs.least && cost <= costs.most) return cost;
  throw new InvalidArgumentError(`${costs.least} to ${costs.most}`);
}
