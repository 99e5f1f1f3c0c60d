import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { loadDefinition } from "#config/load.ts";
import { replaceFile } from "#lib/durable-file.ts";
import { caddyAsking } from "#interop/caddy/asking.ts";
import { type CaddyExport, caddyInFront } from "#interop/caddy/in-front.ts";
import type { CaddyNote, CaddyTarget } from "#interop/caddy/plan.ts";
import { writeCaddyfile } from "#interop/caddy/write-caddyfile.ts";
import { caddyJson } from "#interop/caddy/write-json.ts";
import { type DefinitionOptions, report, withDefinitionOptions } from "#cli/definition-options.ts";
import { wholeNumber } from "#cli/numbers.ts";

const shapes = { "in-front": caddyInFront, asking: caddyAsking } as const;
const formats = ["caddyfile", "json"] as const;
const targets: readonly CaddyTarget[] = ["2.6", "2.8"];

interface ExportCaddyOptions extends DefinitionOptions {
  readonly shape: keyof typeof shapes;
  readonly format: (typeof formats)[number];
  readonly target: CaddyTarget;
  readonly tls: "auto" | "internal";
  readonly host: readonly string[];
  readonly gateway?: string;
  readonly from?: string;
  readonly trusted: readonly string[];
  readonly email?: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly output?: string;
  readonly json: boolean;
}

const repeated = (value: string, before: readonly string[]): readonly string[] => [...before, value];
const port = wholeNumber(1, 65_535);

/** `sallyport export caddy`: what a real Caddy in front runs, for this definition. */
export function exportCaddyCommand(): Command {
  return withDefinitionOptions(new Command("caddy"))
    .description("write the configuration of a Caddy that stands in front of this gateway, or asks it")
    .addOption(
      new Option("--shape <shape>", "in-front: Caddy has HTTPS, and all requests come here; asking: forward_auth")
        .choices(Object.keys(shapes))
        .default("in-front"),
    )
    .addOption(new Option("--format <format>", "how it is written").choices(formats).default("caddyfile"))
    .addOption(
      new Option("--target <version>", "Caddy's release, or the last one before it").choices(targets).default("2.6"),
    )
    .addOption(
      new Option("--tls <certificates>", "a public authority's, or those of Caddy's own CA")
        .choices(["auto", "internal"])
        .default("auto"),
    )
    .option("--host <name>", "a host of the APIs that have none (repeatable)", repeated, [])
    .option("--gateway <address>", "where Caddy finds this gateway: host:port, or unix//path")
    .option("--from <address>", "where Caddy comes from, as this gateway sees it")
    .option("--trusted <range>", "a proxy in front of Caddy, whose word Caddy believes (repeatable)", repeated, [])
    .option("--email <address>", "for Caddy's account with the authority")
    .option("--http-port <n>", "instead of 80", port)
    .option("--https-port <n>", "instead of 443", port)
    .option("-o, --output <file>", "write it there instead of to standard output")
    .option("--json", "print what was found as JSON on standard output; the configuration needs --output then", false)
    .addHelpText(
      "after",
      `
Nothing is written where Caddy would do something else than the definition says: the problem is named instead.

Examples:
  sallyport export caddy --env prod > Caddyfile
  sallyport export caddy --env prod --shape asking --output /etc/caddy/Caddyfile
  sallyport export caddy --format json --tls internal --host api.example.com`,
    )
    .action((options: ExportCaddyOptions) => exportCaddy(options));
}

async function exportCaddy(options: ExportCaddyOptions): Promise<void> {
  const result = await loadDefinition({
    file: resolve(options.config),
    ...(options.env === undefined ? {} : { environment: options.env }),
    values: options.set ?? {},
    variables: process.env,
    readFile,
    withoutSecrets: true,
  });
  if (result.definition === null) {
    report(result, options.json);
    process.exitCode = 1;
    return;
  }
  const exported = shapes[options.shape](result.definition, {
    target: options.target,
    tls: options.tls,
    hosts: options.host.map((host) => host.toLowerCase()),
    gateway: options.gateway ?? null,
    from: options.from ?? null,
    trusted: options.trusted,
    email: options.email ?? null,
    httpPort: options.httpPort ?? null,
    httpsPort: options.httpsPort ?? null,
  });
  await tell(exported, options);
}

async function tell({ plan, notes }: CaddyExport, options: ExportCaddyOptions): Promise<void> {
  const failed = notes.some(({ severity }) => severity === "error");
  const text = options.format === "json" ? `${JSON.stringify(caddyJson(plan), null, 2)}\n` : writeCaddyfile(plan);
  if (!failed && options.output !== undefined) await replaceFile(resolve(options.output), text, 0o644, "export");
  if (options.json) {
    const written = failed || options.output === undefined ? null : resolve(options.output);
    process.stdout.write(`${JSON.stringify({ written, notes }, null, 2)}\n`);
  } else {
    for (const note of notes) process.stderr.write(lineOf(note));
    if (!failed && options.output === undefined) process.stdout.write(text);
  }
  if (failed) process.exitCode = 1;
}

function lineOf({ severity, code, place, message, fix }: CaddyNote): string {
  return `${place}: ${severity === "note" ? "note" : severity} [${code}] ${message}\n  fix: ${fix}\n`;
}
