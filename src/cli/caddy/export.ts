import { resolve } from "node:path";
import { Command, Option } from "commander";
import { replaceFile } from "#lib/durable-file.ts";
import type { CaddyExport } from "#interop/caddy/in-front.ts";
import type { CaddyNote } from "#interop/caddy/plan.ts";
import { writeCaddyfile } from "#interop/caddy/write-caddyfile.ts";
import { caddyJson } from "#interop/caddy/write-json.ts";
import { readDefinition } from "#cli/apim/read-definition.ts";
import { report } from "#cli/definition-options.ts";
import { caddyFor, type CaddyOptions, withCaddyOptions } from "./options.ts";

const formats = ["caddyfile", "json"] as const;

interface ExportCaddyOptions extends CaddyOptions {
  readonly format: (typeof formats)[number];
  readonly output?: string;
  readonly json: boolean;
}

/** `sallyport export caddy`: what a real Caddy in front runs, for this definition. */
export function exportCaddyCommand(): Command {
  return withCaddyOptions(new Command("caddy"))
    .description("write the configuration of a Caddy that stands in front of this gateway, or asks it")
    .addOption(new Option("--format <format>", "how it is written").choices(formats).default("caddyfile"))
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
  const read = await readDefinition(options);
  if (!read.ok) {
    report(read, options.json);
    process.exitCode = 1;
    return;
  }
  await tell(caddyFor(read.definition, options), options);
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
