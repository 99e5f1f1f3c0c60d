import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { generateSchema } from "#config/schema.ts";
import { publishedFiles } from "./published-files.ts";

const root = join(import.meta.dirname, "..", "..");

/** `sallyport schema`: the JSON Schema that editors complete by. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of the definition")
    .option("--write", "write it, and the reference pages, to their places in the checkout instead", false)
    .addHelpText("after", "\nExample:\n  sallyport schema > sallyport.schema.json")
    .action(async (options: { readonly write: boolean }) => {
      if (!options.write) {
        process.stdout.write(`${JSON.stringify(generateSchema(), null, 2)}\n`);
        return;
      }
      for (const [path, text] of publishedFiles()) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
        process.stdout.write(`${path}\n`);
      }
    });
}
