import { readFile } from "node:fs/promises";
import { getCACertificates } from "node:tls";
import { Command, InvalidArgumentError, Option } from "commander";
import { replay } from "#app/shadow/replay.ts";
import { withProgress } from "#cli/admin/progress.ts";
import { withExitCodes } from "#cli/exit-codes.ts";
import { problem } from "#cli/failure.ts";
import { type FindingOutput, tellFindings, withFindingOutput } from "#cli/findings/output.ts";
import { wholeNumber } from "#cli/numbers.ts";
import type { Finding } from "#model/finding.ts";
import { type ReadRequests, readRequests } from "./read-requests.ts";

interface CompareOptions extends FindingOutput {
  readonly old: URL;
  readonly new: URL;
  readonly ca?: string;
  readonly header: readonly string[];
  readonly oldHeader: readonly string[];
  readonly newHeader: readonly string[];
  readonly ignoreHeader: readonly string[];
  readonly ignoreField: readonly string[];
  readonly rate: number;
  readonly limit: number;
  readonly timeout: number;
  readonly bodyBytes: number;
}

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** `sallyport shadow compare`: whether two gateways answer the same requests alike. */
export function compareCommand(): Command {
  return withExitCodes(
    withFindingOutput(new Command("compare")),
    "0 all answers are the same, 1 some differ, 2 wrong usage.",
  )
    .description("send requests that change nothing to the old and the new gateway, and say how their answers differ")
    .argument(
      "<file>",
      "requests: a HAR file, an access log (ours, Caddy's, nginx's), the record, or lines with METHOD and path",
    )
    .addOption(new Option("--old <url>", "the gateway that is moved from").argParser(gatewayUrl).makeOptionMandatory())
    .addOption(new Option("--new <url>", "the gateway that is moved to").argParser(gatewayUrl).makeOptionMandatory())
    .option("--ca <file>", "PEM file of a CA that either is trusted by, besides the system's")
    .option("--header <variable>", "environment variable with a header, `Name: value`, for each request", collected, [])
    .option("--old-header <variable>", "the same for the old gateway alone", collected, [])
    .option("--new-header <variable>", "the same for the new one alone", collected, [])
    .option("--ignore-header <name>", "do not compare this header (repeatable)", collected, [])
    .option("--ignore-field <pointer>", "do not compare this field of JSON bodies: /items/*/etag", collected, [])
    .option("--rate <n>", "requests a second", wholeNumber(1, 1000), 10)
    .option("--limit <n>", "at most so many requests", wholeNumber(1, 100_000), 1000)
    .option("--timeout <seconds>", "for an answer", wholeNumber(1, 600), 30)
    .option("--body-bytes <n>", "how much of a body is compared", wholeNumber(0, 64 * 2 ** 20), 2 ** 20)
    .addHelpText(
      "after",
      `
GET, HEAD and OPTIONS are sent, everything else is left out. Left out of the comparison: Date, Server, Via, ids of
requests and what is of the connection; cookies are compared by name and attributes, JSON by how it is built and then by
what it says. Values of fields are never shown.

Examples:
  sallyport shadow compare requests.txt --old https://old.example.com --new https://localhost:8443
  WHO="Authorization: Bearer $(sallyport token)" sallyport shadow compare traffic.har --old https://old.example.com \\
    --new https://api.example.com --header WHO --ignore-header etag --ignore-field '/items/*/updatedAt'
  sallyport audit search 'status < 400' --json | sallyport shadow compare - --old https://a --new https://b --junit shadow.xml`,
    )
    .action((file: string, options: CompareOptions) => compare(file, options));
}

function gatewayUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new InvalidArgumentError("it is a URL as in https://api.example.com, and may have a path.");
  }
  return url;
}

async function compare(file: string, options: CompareOptions): Promise<void> {
  const oldHeaders = headersOf([...options.header, ...options.oldHeader]);
  if (typeof oldHeaders === "string") return refuse(oldHeaders, "shadow-header", "set it to `Name: value`");
  const newHeaders = headersOf([...options.header, ...options.newHeader]);
  if (typeof newHeaders === "string") return refuse(newHeaders, "shadow-header", "set it to `Name: value`");
  const text = await readText(file);
  if (text === null) return refuse(`${file} cannot be read`, "shadow-requests", "name a file with requests, or -");
  const read = readRequests(text);
  const { requests } = read;
  if (requests.length === 0) {
    return refuse(`${file} holds no request that could be sent`, "shadow-requests", "write lines such as GET /orders");
  }
  const sent = requests.slice(0, options.limit);
  const ca = await caOf(options.ca);
  if (ca === null) return refuse(`${options.ca} cannot be read`, "shadow-ca", "name a PEM file with a certificate");
  const found = await withProgress(
    `comparing ${sent.length} requests`,
    replay({
      old: { base: options.old, headers: oldHeaders },
      fresh: { base: options.new, headers: newHeaders },
      ca,
      requests: sent,
      rate: options.rate,
      timeoutMs: options.timeout * 1000,
      bodyBytes: options.bodyBytes,
      ignored: {
        headers: new Set(options.ignoreHeader.map((name) => name.toLowerCase())),
        fields: options.ignoreField,
      },
      clock: { now: () => Date.now(), mono: () => performance.now() },
    }),
  );
  const findings = [...leftOut(read, requests.length - sent.length), ...found];
  const title = `shadow: ${options.old.origin} and ${options.new.origin}`;
  await tellFindings({ command: "shadow", title, time: new Date().toISOString(), findings }, options);
}

function refuse(message: string, code: string, fix: string): void {
  process.stderr.write(`${problem(message, code, fix)}\n`);
  process.exitCode = 2;
}

/** `-` is standard input. @returns null for a file that cannot be read */
async function readText(file: string): Promise<string | null> {
  if (file !== "-") return readFile(file, "utf8").catch(() => null);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function caOf(file: string | undefined): Promise<readonly string[] | null> {
  const own = file === undefined ? "" : await readFile(file, "utf8").catch(() => null);
  return own === null ? null : [...getCACertificates("default"), ...(own === "" ? [] : [own])];
}

/**
 * From the environment: secrets do not belong into lists of processes. A value that no field may have would end the
 * command in the middle.
 * @returns what is wrong
 */
function headersOf(variables: readonly string[]): readonly string[] | string {
  const headers: string[] = [];
  for (const variable of variables) {
    const [, name, value] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(process.env[variable] ?? "") ?? [];
    if (name === undefined || value === undefined) return `${variable} holds no header`;
    headers.push(name, value);
  }
  return headers;
}

/** What was not sent is said, so that nobody takes it for compared. */
function leftOut({ unsafe, redacted, unread }: ReadRequests, beyond: number): readonly Finding[] {
  const skipped = (name: string, detail: string, code: string): Finding => ({
    group: "left out",
    name,
    state: "skipped",
    code,
    detail,
    fix: null,
    ms: 0,
  });
  const lines = unread.slice(0, 10).join(", ");
  return [
    ...(unsafe > 0 ? [skipped("methods that may change something", `${unsafe} requests`, "shadow-unsafe")] : []),
    ...(redacted > 0 ? [skipped("with a part that was kept out", `${redacted} requests`, "shadow-redacted")] : []),
    ...(unread.length > 0 ? [skipped("lines that are no request", lines, "shadow-unread")] : []),
    ...(beyond > 0 ? [skipped("beyond --limit", `${beyond} requests`, "shadow-limit")] : []),
  ];
}
