import { readFile } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";
import type { Bundle } from "#admin/configuration/bundle.ts";
import { loadDefinition, type LoadResult } from "#config/load.ts";

/** What a definition without environments runs in. */
const noEnvironment = "default";

/** Of a file that is no text, and is not here. */
const placeholder = "0".repeat(64);

/**
 * Reads the texts of a configuration for what they say, not to serve: without secrets, since whoever reads a report
 * neither has nor needs them. A definition that needs more than texts, such as a certificate, may have errors.
 */
export async function loadTexts(bundle: Bundle, environment: string, folder: string): Promise<LoadResult> {
  const found = await load(bundle, environment, folder);
  const isUnknown = found.diagnostics.some(({ code }) => code === "environment-unknown");
  return isUnknown && environment === noEnvironment ? load(bundle, "", folder) : found;
}

function load(bundle: Bundle, environment: string, folder: string): Promise<LoadResult> {
  const file = resolve(folder, [...bundle.files.keys()][0] ?? "sallyport.yaml");
  return loadDefinition({
    file,
    ...(environment === "" ? {} : { environment }),
    variables: {},
    withoutSecrets: true,
    isPast: true,
    readFile: async (path) => {
      const name = isAbsolute(path) ? relative(folder, path) : path;
      const text = bundle.files.get(name.replaceAll("\\", "/"));
      return text === undefined ? readFile(path).catch(() => Buffer.from(placeholder)) : Buffer.from(text);
    },
  });
}
