import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { generateSchema } from "#config/schema.ts";

const published = new URL("../../schema/sallyport.schema.json", import.meta.url);

/** `sallyport schema`: the JSON Schema that editors complete by. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of the definition")
    .option("--write", "write it to schema/sallyport.schema.json of the checkout instead", false)
    .addHelpText("after", "\nExample:\n  sallyport schema > sallyport.schema.json")
    .action(async (options: { readonly write: boolean }) => {
      const text = `${JSON.stringify(generateSchema(), null, 2)}\n`;
      if (options.write) await writeFile(published, text);
      else process.stdout.write(text);
    });
}
