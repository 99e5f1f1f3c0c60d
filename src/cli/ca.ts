import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { issueCertificate } from "#app/issue-certificate.ts";
import { type ListPlace, parseListPlace } from "#app/list-place.ts";
import { leaveEvent } from "#app/left-events.ts";
import { type IssuedWorkload, issuedCertificates, revokeCertificate } from "#app/revoke-certificate.ts";
import { takeKekSource } from "#app/seal/kek-source.ts";
import { readSecrets } from "#app/seal/open-secrets.ts";
import { parseHost } from "#config/checks/host.ts";
import { parseSpiffeId } from "#config/checks/certificate-names.ts";
import type { Log } from "#model/ports.ts";
import { type RevocationReason, revocationReasons } from "#model/revocation.ts";
import { type DataOption, type KekOption, withDataOption, withKekOption } from "./data-option.ts";
import { problem } from "./failure.ts";
import { wholeNumber } from "./numbers.ts";
import { table } from "./table.ts";

interface IssueOptions extends DataOption, KekOption {
  readonly spiffe?: string;
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly csr?: string;
  readonly hours: number;
  readonly listUrl?: ListPlace;
  readonly out: string;
  readonly json: boolean;
}

const hour = 3_600_000;
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
const ports = {
  clock: { now: () => Date.now(), mono: () => performance.now() },
  random: { bytes: (count: number) => randomBytes(count) },
  log: silent,
};

/** `sallyport ca`: certificates of the internal CA, for whoever may write to its folder. */
export function caCommand(): Command {
  return new Command("ca")
    .description("issue certificates of the internal CA, list and revoke them")
    .addCommand(issueCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

function issueCommand(): Command {
  return withKekOption(withDataOption(new Command("issue")))
    .description("issue a short-lived certificate for a workload, for use as a server and as a client")
    .option("--spiffe <id>", "SPIFFE ID: spiffe://trust-domain/path", spiffeId)
    .option("--dns <name>", "host name; may be repeated", addHost, [])
    .option("--ip <address>", "address; may be repeated", addAddress, [])
    .option("--csr <file>", "certify the key of this request (PEM), instead of making one")
    .option("--hours <n>", "how long it is valid, at most as long as the intermediate is", wholeNumber(1, 120), 12)
    .option(
      "--list-url <url>",
      "where the gateway gives revocation lists: http://host[:port] (default: what the gateway has said)",
      listUrl,
    )
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

async function issue({
  data,
  kek,
  spiffe,
  dns,
  ip,
  csr,
  hours,
  listUrl: lists,
  out,
  json,
}: IssueOptions): Promise<void> {
  const names = [...dns, ...ip, ...(spiffe === undefined ? [] : [spiffe])];
  if (names.length === 0)
    return fail("the certificate would have no name", "name-missing", "add --spiffe, --dns or --ip");
  const caPath = caPathOf(data);
  if (caPath === null) return;
  const request = csr === undefined ? null : readFileSync(csr, "utf8");
  const files = [`${out}.crt`, ...(request === null ? [`${out}.key`] : [])];
  const taken = files.find((file) => existsSync(file));
  if (taken !== undefined)
    return fail(`${taken} is there already`, "file-exists", "remove it, or choose another --out");
  const issued = await issueCertificate(
    { caPath, names, lifetimeMs: hours * hour, request, lists: lists ?? null },
    { ...ports, secrets: await secretsOf(data, kek) },
  );
  if (issued.key !== null) writeFileSync(`${out}.key`, issued.key, { mode: 0o600, flag: "wx" });
  writeFileSync(`${out}.crt`, issued.chain, { mode: 0o644, flag: "wx" });
  const facts = { names, serial: issued.serial, notAfter: new Date(issued.notAfter).toISOString(), files };
  const line = `issued ${facts.serial} for ${names.join(", ")}, until ${facts.notAfter}: ${files.join(", ")}`;
  process.stdout.write(`${json ? JSON.stringify(facts) : line}\n`);
  return undefined;
}

interface RevokeOptions extends DataOption, KekOption {
  readonly reason: RevocationReason;
  readonly json: boolean;
}

function listCommand(): Command {
  return withDataOption(new Command("list"))
    .description("show the certificates for workloads that have not expired, and which of them are revoked")
    .option("--json", "print them as JSON", false)
    .addHelpText(
      "after",
      `
Examples:
  sallyport ca list
  sallyport ca list --json | jq -r '.[] | select(.revoked == null) | .serial'`,
    )
    .action(async ({ data, json }: DataOption & { readonly json: boolean }) => {
      const caPath = caPathOf(data);
      if (caPath === null) return;
      const rows = (await issuedCertificates(caPath, ports)).map((one) => rowOf(one));
      const lines = rows.map(({ serial, names, notAfter, revoked }) => [
        serial,
        notAfter,
        revoked === null ? "valid" : `revoked ${revoked.at} (${revoked.reason})`,
        names.join(", "),
      ]);
      const text = table(["SERIAL", "UNTIL", "STATE", "NAMES"], lines).join("\n");
      process.stdout.write(`${json ? JSON.stringify(rows, null, 2) : text}\n`);
    });
}

function revokeCommand(): Command {
  return withKekOption(withDataOption(new Command("revoke")))
    .description("take a certificate of a workload back: it stands in the revocation list, and listeners refuse it")
    .argument("<certificate>", "its serial number, or a file that begins with it (PEM)")
    .addOption(new Option("--reason <reason>", "why").choices(Object.keys(revocationReasons)).default("unspecified"))
    .option("--json", "print what was revoked as JSON", false)
    .addHelpText(
      "after",
      `
A gateway that runs with the data folder knows at once.

Examples:
  sallyport ca revoke orders.crt --reason keyCompromise
  sallyport ca revoke 5f2c0a9d51e84d6c9f0e3b7a18c2d4e6`,
    )
    .action(revoke);
}

async function revoke(what: string, { data, kek, reason, json }: RevokeOptions): Promise<void> {
  const caPath = caPathOf(data);
  if (caPath === null) return;
  const isSerial = /^[0-9a-fA-F:]+$/.test(what) && !existsSync(what);
  if (!isSerial && !existsSync(what)) {
    fail(`there is no file ${what}, and it is no serial number`, "certificate-unknown", "see sallyport ca list");
    return;
  }
  const target = isSerial ? { serial: serialOf(what) } : { pem: readFileSync(what, "utf8") };
  const found = await revokeCertificate(
    { caPath, target, reason: revocationReasons[reason] },
    { ...ports, secrets: await secretsOf(data, kek) },
  );
  if ("problem" in found) {
    fail(found.problem, "certificate-unknown", "see sallyport ca list for what can be revoked");
    return;
  }
  const row = rowOf(found.revoked);
  if (!found.before) {
    const { issuer } = found.revoked;
    await leaveEvent(resolve(data), { event: "certificate.revoked", details: { serial: row.serial, issuer, reason } });
  }
  const line = found.before
    ? `${row.serial} was revoked before, at ${row.revoked?.at}`
    : `revoked ${row.serial}${row.names.length === 0 ? "" : ` of ${row.names.join(", ")}`}`;
  process.stdout.write(`${json ? JSON.stringify(row) : line}\n`);
}

interface Row {
  readonly serial: string;
  readonly names: readonly string[];
  readonly notAfter: string;
  readonly revoked: { readonly at: string; readonly reason: string } | null;
}

function rowOf({ serial, names, notAfter, revocation }: IssuedWorkload): Row {
  const reasonOf = (code: number): string =>
    Object.entries(revocationReasons).find(([, value]) => value === code)?.[0] ?? String(code);
  return {
    serial,
    names,
    notAfter: new Date(notAfter).toISOString(),
    revoked:
      revocation === null ? null : { at: new Date(revocation.at).toISOString(), reason: reasonOf(revocation.reason) },
  };
}

function secretsOf(data: string, kek: string | undefined): ReturnType<typeof readSecrets> {
  return readSecrets(resolve(data), takeKekSource(kek, process.env), ports.random);
}

/** As OpenSSL shows it, too: `5F:2C:…`. */
function serialOf(text: string): string {
  return text.replaceAll(":", "").toLowerCase().replace(/^0+/, "");
}

/** Null, and said, where there is none: a command must not make one. */
function caPathOf(data: string): string | null {
  const caPath = join(data, "ca");
  if (existsSync(join(caPath, "root.crt"))) return caPath;
  fail(`there is no internal CA in ${caPath}`, "certificate-missing", "name the gateway's data folder: --data");
  return null;
}

function listUrl(text: string): ListPlace {
  const place = parseListPlace(text);
  if (place === null) throw new InvalidArgumentError("It takes http://host[:port].");
  return place;
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
