import { Command } from "commander";
import { generateSchema } from "#config/schema.ts";
import { publish } from "./published-files.ts";

/** `sallyport schema`: the JSON Schema that editors complete by. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of the definition, for editors")
    .option("--write", "write it, and the reference pages, to their places in the checkout instead", false)
    .addHelpText("after", "\nExample:\n  sallyport schema > sallyport.schema.json")
    .action(async (options: { readonly write: boolean }) => {
      const text = options.write ? (await publish()).join("\n") : JSON.stringify(generateSchema(), null, 2);
      process.stdout.write(`${text}\n`);
    });
}
