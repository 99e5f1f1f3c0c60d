import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { planTrust, type TrustPlan } from "#app/trust-plan.ts";
import { type DataOption, withDataOption } from "./data-option.ts";
import { problem } from "./failure.ts";

interface TrustOptions extends DataOption {
  readonly print: boolean;
  readonly uninstall: boolean;
  readonly dryRun: boolean;
}

/** `sallyport trust`: the internal CA's roots, for this machine's trust store. */
export function trustCommand(): Command {
  return withDataOption(new Command("trust"))
    .description(
      "have this machine trust the internal CA: installs its root, and the next one, in the system's trust store",
    )
    .option("--print", "only print them, PEM", false)
    .option("--uninstall", "take them out again", false)
    .option("--dry-run", "only say what would be done", false)
    .addHelpText(
      "after",
      `
Examples:
  sudo sallyport trust --data /var/lib/sallyport
  sallyport trust --print > root.crt
  sallyport trust --dry-run
  sudo sallyport trust --uninstall`,
    )
    .action((options: TrustOptions) => {
      const rootFile = join(options.data, "ca", "root.crt");
      const roots = readRoots(rootFile);
      if (roots === undefined) return;
      if (options.print) process.stdout.write(roots.map((root) => `${root.toString().trim()}\n`).join(""));
      else if (roots.length === 1 || options.dryRun) for (const root of roots) carryOut(rootFile, root, options);
      else for (const root of roots) inFileOfItsOwn(root, (file) => carryOut(file, root, options));
    });
}

/** The root in use and, in its last year, the next one. */
function readRoots(file: string): readonly X509Certificate[] | undefined {
  try {
    const blocks = readFileSync(file, "utf8").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const roots = blocks.map((pem) => new X509Certificate(pem));
    if (roots.length > 0 && roots.every((root) => root.ca && root.checkIssued(root))) return roots;
    return fail(`${file} is not the root of an authority`, "certificate-unusable", "restore it from a backup");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const fix =
      code === "EACCES" ? "run this as the gateway's user, or as root" : "name the gateway's data folder: --data";
    return fail(`the root ${file} cannot be read: ${code ?? message}`, "certificate-missing", fix);
  }
}

/** Trust stores take one certificate from a file. */
function inFileOfItsOwn(root: X509Certificate, use: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-trust-"));
  try {
    const file = join(folder, "root.crt");
    writeFileSync(file, root.toString());
    use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function carryOut(rootFile: string, root: X509Certificate, { uninstall, dryRun }: TrustOptions): void {
  const plan = planTrust({ platform: process.platform, exists: existsSync, rootFile, root, uninstall });
  if (plan === null) {
    fail(
      "the trust store of this system is not known",
      "trust-store-unknown",
      "add the output of --print to it yourself",
    );
    return;
  }
  const steps = stepsOf(plan, rootFile, uninstall);
  if (dryRun) {
    process.stdout.write(`${steps.join("\n")}\n`);
    return;
  }
  try {
    change(plan, root, uninstall);
    process.stdout.write(
      `${uninstall ? "no longer trusted" : "trusted"}: ${root.subject}, SHA-256 ${root.fingerprint256}\n`,
    );
  } catch (error) {
    const why = (error as Error).message;
    const fix = `run it with the privilege to change the trust store (sudo), or do by hand:\n    ${steps.join("\n    ")}`;
    fail(`the trust store could not be changed: ${why}`, "trust-store-refused", fix);
  }
}

function stepsOf({ copy, command, args }: TrustPlan, rootFile: string, uninstall: boolean): readonly string[] {
  const words = [command, ...args].map((word) => (/^[\w./-]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
  if (copy === null) return [words];
  return [uninstall ? `rm ${copy}` : `cp ${rootFile} ${copy}`, words];
}

function change({ copy, command, args }: TrustPlan, root: X509Certificate, uninstall: boolean): void {
  if (copy !== null && uninstall) rmSync(copy, { force: true });
  if (copy !== null && !uninstall) writeFileSync(copy, root.toString(), { mode: 0o644 });
  const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.trim().slice(0, 500)}`);
}

function fail(message: string, code: string, fix: string): undefined {
  process.stderr.write(`${problem(message, code, fix)}\n`);
  process.exitCode = 1;
}
