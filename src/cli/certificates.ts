import { randomUUID } from "node:crypto";
import { Command, Option } from "commander";
import { type CertificateProblem, type CertificateRow, isTrouble } from "#admin/certificate-row.ts";
import { readCertificateRows } from "#app/certificate-status.ts";
import { leaveRenewalRequest } from "#app/renewal-requests.ts";
import { type RevocationReason, revocationReasons } from "#model/revocation.ts";
import { type DataOption, withDataOption } from "./data-option.ts";
import { problem } from "./failure.ts";
import { table } from "./table.ts";

interface CertificatesOptions extends DataOption {
  readonly json: boolean;
  readonly renew?: string;
  readonly revoke?: RevocationReason;
}

/** `sallyport certificates`: what is served, until when, and what stands in the way of the next one. */
export function certificatesCommand(): Command {
  return withDataOption(new Command("certificates"))
    .description("show each certificate: who signed it, until when, when it is renewed, and why that fails")
    .option("--json", "print them as JSON", false)
    .option("--renew <name>", "have another certificate ordered for this name now")
    .addOption(
      new Option("--revoke <reason>", "with --renew: revoke the one before, when the new one is there").choices(
        Object.keys(revocationReasons),
      ),
    )
    .addHelpText(
      "after",
      `
It reads the data folder, also while the gateway runs. Exit code 1: a certificate is missing or has expired.

Examples:
  sallyport certificates
  sallyport certificates --renew api.example.com --revoke keyCompromise
  sallyport certificates --data /var/lib/sallyport --json | jq '.[] | select(.problem != null)'`,
    )
    .action(async (options: CertificatesOptions) => {
      const rows = await readCertificateRows(options.data);
      if (rows === null) {
        const fix = "name the data folder that the gateway runs with: --data <folder>";
        const message = `no gateway has served HTTPS with the data folder ${options.data}`;
        return failed(message, "certificates-missing", fix);
      }
      if (options.renew !== undefined) return renew(options.renew, options, rows);
      if (options.revoke !== undefined) return failed("--revoke goes with --renew", "usage", "name it: --renew <name>");
      process.stdout.write(options.json ? `${JSON.stringify(rows, null, 2)}\n` : describe(rows));
      if (rows.some((row) => isTrouble(row))) process.exitCode = 1;
      return undefined;
    });
}

async function renew(name: string, options: CertificatesOptions, rows: readonly CertificateRow[]): Promise<void> {
  const managed = rows.filter(({ source }) => source === "acme").flatMap(({ names }) => names);
  if (!managed.includes(name)) {
    const fix = managed.length === 0 ? "no name has one: see sallyport certificates" : `one of ${managed.join(", ")}`;
    return failed(`${name} has no certificate that is ordered here`, "certificate-unknown", fix);
  }
  await leaveRenewalRequest(options.data, { name, revoke: options.revoke ?? null }, randomUUID());
  process.stdout.write(`asked for another certificate of ${name}; sallyport certificates shows what comes of it\n`);
}

function failed(message: string, code: string, fix: string): void {
  process.stderr.write(`${problem(message, code, fix)}\n`);
  process.exitCode = 1;
}

function describe(rows: readonly CertificateRow[]): string {
  const lines = table(
    ["NAME", "SOURCE", "ISSUER", "STATE", "NOT AFTER", "RENEWAL", "OCSP"],
    rows.map(({ names, source, issuer, state, notAfter, renewal, ocsp }) => [
      names.length > 1 ? `${names[0]} and ${names.length - 1} more` : (names[0] ?? ""),
      source,
      issuer ?? "-",
      state,
      minutes(notAfter),
      minutes(renewal),
      ocsp?.status ?? "-",
    ]),
  );
  return `${[...lines, ...rows.flatMap(troubleOf), ...rows.flatMap(ocspTroubleOf)].join("\n")}\n`;
}

function troubleOf({ names, problem: last, passedOver, nextTry }: CertificateRow): readonly string[] {
  const before = passedOver.flatMap((one) => failureOf(names, one, "gave none, and the next issuer was asked"));
  if (last === null) return before;
  return [
    ...before,
    ...failureOf(names, last, "failed"),
    `  next try: ${nextTry === null ? "none: given up after 30 days; sallyport certificates --renew ${names[0]} tries again" : minutes(nextTry)}`,
  ];
}

function failureOf(
  [name]: readonly string[],
  { at, issuer, challenge, text }: CertificateProblem,
  what: string,
): readonly string[] {
  const by = challenge === null ? "" : ` by ${challenge}`;
  return ["", `${name}: the try at ${minutes(at)} with ${issuer}${by} ${what}:`, `  ${text}`];
}

function ocspTroubleOf({ names, ocsp }: CertificateRow): readonly string[] {
  if (ocsp === null || (ocsp.problem === null && ocsp.status !== "revoked")) return [];
  const harm = ocsp.mustStaple && ocsp.status === "none" ? "; clients refuse it without one" : "";
  if (ocsp.status === "revoked") return ["", `${names[0]}: its issuer has revoked the certificate`];
  return [
    "",
    `${names[0]}: the status of the certificate could not be had${harm}:`,
    `  ${ocsp.problem}`,
    `  next try: ${ocsp.nextTry === null ? "none" : minutes(ocsp.nextTry)}`,
  ];
}

/** `2026-01-02 03:04Z`. */
function minutes(time: string | null): string {
  return time === null ? "-" : `${time.slice(0, 10)} ${time.slice(11, 16)}Z`;
}
