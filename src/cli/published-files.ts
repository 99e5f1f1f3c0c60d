import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openApiDocument } from "#admin/openapi.ts";
import { adminOperations } from "#admin/table.ts";
import { contextSchema } from "#app/workbench/context-schema.ts";
import { generateSchema } from "#config/schema.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { caddyfileReference } from "./reference/caddyfile.ts";
import { diagnosticReference } from "./reference/diagnostics.ts";
import { csharpReference } from "./reference/csharp.ts";
import { eventReference } from "./reference/events.ts";
import { metricReference } from "./reference/metrics.ts";
import { policyReference } from "./reference/policies.ts";
import { reasonReference } from "./reference/reasons.ts";

const root = dirname(fileURLToPath(new URL("../../package.json", import.meta.url)));

/** Files of the checkout that are made from the code, by their path; a test sees that they are true. */
export function publishedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["schema/sallyport.schema.json", `${JSON.stringify(generateSchema(), null, 2)}\n`],
    ["schema/admin.openapi.json", `${JSON.stringify(openApiDocument(adminOperations), null, 2)}\n`],
    ["schema/policy-context.schema.json", `${JSON.stringify(contextSchema, null, 2)}\n`],
    ["docs/reference/policies.md", policyReference(catalogue)],
    ["docs/reference/reasons.md", reasonReference()],
    ["docs/reference/events.md", eventReference()],
    ["docs/reference/metrics.md", metricReference()],
    ["docs/reference/caddyfile.md", caddyfileReference()],
    ["docs/reference/csharp.md", csharpReference()],
    ["docs/reference/diagnostics.md", diagnosticReference()],
  ]);
}

/** Writes them below a folder, in the checkout's own format where its formatter is installed. @returns their paths */
export async function publish(folder: string = root): Promise<readonly string[]> {
  const files = publishedFiles();
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const paths = [...files.keys()];
  format(paths.map((path) => join(folder, path)));
  return paths;
}

function format(paths: readonly string[]): void {
  const formatter = join(root, "node_modules", "oxfmt", "bin", "oxfmt");
  if (!existsSync(formatter)) return;
  const args = [formatter, "--config", join(root, ".oxfmtrc.json"), ...paths];
  spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
}
