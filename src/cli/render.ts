import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { type RenderResult, renderDefinition } from "#config/render/render.ts";
import { replaceFile } from "#lib/durable-file.ts";
import { type DefinitionOptions, report, withDefinitionOptions } from "./definition-options.ts";
import { problem } from "./failure.ts";

interface RenderOptions extends DefinitionOptions {
  readonly json: boolean;
  readonly output?: string;
}

/** `sallyport render`: the definition as one environment runs it. */
export function renderCommand(): Command {
  return withDefinitionOptions(new Command("render"))
    .description("write a definition as one environment runs it: values filled in, secrets as where they are read from")
    .option("--json", "as JSON, which is a definition as well", false)
    .option("-o, --output <file>", "to a file, whole or not at all; standard output when absent")
    .addHelpText(
      "after",
      `
Examples:
  sallyport render --env prod
  sallyport render --env prod --output prod.yaml && sallyport check --config prod.yaml
  sallyport render --env prod --json | jq .backends

What is written is a definition that means the same: it is read again before it is given. No secret is read.`,
    )
    .action(async (options: RenderOptions) => {
      const file = resolve(options.config);
      const target = resolve(options.output ?? options.config);
      const result = await renderDefinition(
        {
          file,
          readFile,
          variables: {},
          ...(options.env === undefined ? {} : { environment: options.env }),
          ...(options.set === undefined ? {} : { values: options.set }),
        },
        target,
      );
      report(result, false);
      if (result.kind !== "rendered") return fail(result, target);
      const text = options.json ? result.rendered.json : result.rendered.yaml;
      if (options.output === undefined) process.stdout.write(text);
      else await write(target, text);
    });
}

function fail(result: Exclude<RenderResult, { readonly kind: "rendered" }>, target: string): void {
  process.exitCode = 1;
  if (result.kind === "invalid") return;
  const places = result.places.map(({ entry, place }) => ` ${entry.kind} ${entry.name} ${place}`.trimEnd());
  const message = `what would be written to ${target} would not say the same${places.length === 0 ? "" : `:${places.join(",")}`}`;
  const fix = "write it into the folder of the definition: the files that it names are found from there";
  process.stderr.write(`${problem(message, "render-differs", fix)}\n`);
}

async function write(target: string, text: string): Promise<void> {
  try {
    await replaceFile(target, text, 0o644, "sallyport");
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    const fix = "name a file in a folder that this user may write to";
    process.stderr.write(`${problem(`${target} cannot be written (${why}); nothing was`, "file-unwritable", fix)}\n`);
    process.exitCode = 1;
  }
}
