import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { issueCertificate } from "#app/issue-certificate.ts";
import { parseHost } from "#config/checks/host.ts";
import { parseSpiffeId } from "#config/checks/certificate-names.ts";
import type { Log } from "#model/ports.ts";
import { type DataOption, withDataOption } from "./data-option.ts";
import { problem } from "./failure.ts";
import { wholeNumber } from "./numbers.ts";

interface IssueOptions extends DataOption {
  readonly spiffe?: string;
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly csr?: string;
  readonly hours: number;
  readonly out: string;
  readonly json: boolean;
}

const hour = 3_600_000;
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** `sallyport ca`: certificates of the internal CA, for whoever may read its folder. */
export function caCommand(): Command {
  return new Command("ca").description("issue certificates of the internal CA").addCommand(issueCommand());
}

function issueCommand(): Command {
  return withDataOption(new Command("issue"))
    .description("issue a short-lived certificate for a workload, for use as a server and as a client")
    .option("--spiffe <id>", "SPIFFE ID: spiffe://trust-domain/path", spiffeId)
    .option("--dns <name>", "host name; may be repeated", addHost, [])
    .option("--ip <address>", "address; may be repeated", addAddress, [])
    .option("--csr <file>", "certify the key of this request (PEM), instead of making one")
    .option("--hours <n>", "how long it is valid, at most as long as the intermediate is", wholeNumber(1, 120), 12)
    .requiredOption("-o, --out <path>", "writes <path>.crt, and <path>.key when it makes the key")
    .option("--json", "print what was issued as JSON", false)
    .addHelpText(
      "after",
      `
Examples:
  sallyport ca issue --spiffe spiffe://example.org/orders --out orders
  sallyport ca issue --dns orders.internal --dns orders --hours 24 --out orders
  sallyport ca issue --csr orders.csr --spiffe spiffe://example.org/orders --out orders`,
    )
    .action(issue);
}

async function issue({ data, spiffe, dns, ip, csr, hours, out, json }: IssueOptions): Promise<void> {
  const names = [...dns, ...ip, ...(spiffe === undefined ? [] : [spiffe])];
  if (names.length === 0)
    return fail("the certificate would have no name", "name-missing", "add --spiffe, --dns or --ip");
  const caPath = join(data, "ca");
  if (!existsSync(join(caPath, "root.crt"))) {
    return fail(
      `there is no internal CA in ${caPath}`,
      "certificate-missing",
      "name the gateway's data folder: --data",
    );
  }
  const request = csr === undefined ? null : readFileSync(csr, "utf8");
  const files = [`${out}.crt`, ...(request === null ? [`${out}.key`] : [])];
  const taken = files.find((file) => existsSync(file));
  if (taken !== undefined)
    return fail(`${taken} is there already`, "file-exists", "remove it, or choose another --out");
  const ports = {
    clock: { now: () => Date.now(), mono: () => performance.now() },
    random: { bytes: (count: number) => randomBytes(count) },
    log: silent,
  };
  const issued = await issueCertificate({ caPath, names, lifetimeMs: hours * hour, request }, ports);
  if (issued.key !== null) writeFileSync(`${out}.key`, issued.key, { mode: 0o600, flag: "wx" });
  writeFileSync(`${out}.crt`, issued.chain, { mode: 0o644, flag: "wx" });
  const facts = { names, serial: issued.serial, notAfter: new Date(issued.notAfter).toISOString(), files };
  const line = `issued ${facts.serial} for ${names.join(", ")}, until ${facts.notAfter}: ${files.join(", ")}`;
  process.stdout.write(`${json ? JSON.stringify(facts) : line}\n`);
  return undefined;
}

function spiffeId(text: string): string {
  const parsed = parseSpiffeId(text);
  if ("problem" in parsed) throw new InvalidArgumentError("It takes spiffe://trust-domain/path.");
  return parsed.value;
}

function addHost(text: string, before: readonly string[]): readonly string[] {
  const parsed = parseHost(text);
  if ("problem" in parsed || isIP(text) !== 0) throw new InvalidArgumentError("It takes a host name.");
  return [...before, parsed.value];
}

function addAddress(text: string, before: readonly string[]): readonly string[] {
  if (isIP(text) === 0 || text.includes("%")) throw new InvalidArgumentError("It takes an address.");
  return [...before, text];
}

function fail(message: string, code: string, fix: string): void {
  process.stderr.write(`${problem(message, code, fix)}\n`);
  process.exitCode = 1;
}
