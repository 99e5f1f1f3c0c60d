import { lstat, mkdir, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { replaceFile } from "#lib/durable-file.ts";
import { GatewayError } from "#model/errors.ts";
import type { ManifestDefinition } from "./manifest.ts";

export interface PlacedDefinition {
  /** The definition's own file. */
  readonly file: string;
  /** What was there before and says something else, under the name that it has now. */
  readonly aside: readonly string[];
}

/** Folders: where it was unpacked, and where it is to be. */
export interface DefinitionPlace {
  readonly from: string;
  readonly to: string;
}

/** @throws GatewayError `restore-differs` when a file is there that says something else: somebody's work */
export async function checkPlace(definition: ManifestDefinition, place: DefinitionPlace): Promise<void> {
  const [first] = await differing(definition, place);
  if (first !== undefined) throw new GatewayError("restore-differs", 500, `${first} says something else`);
}

/** What is there and says something else is kept beside, as a file of the same name with the suffix. */
export async function placeDefinition(
  definition: ManifestDefinition,
  place: DefinitionPlace,
  suffix: string,
): Promise<PlacedDefinition> {
  const aside: string[] = [];
  for (const file of await differing(definition, place)) {
    await rename(file, `${file}${suffix}`);
    aside.push(`${file}${suffix}`);
  }
  for (const { path } of definition.files) {
    const target = join(place.to, path);
    await mkdir(dirname(target), { recursive: true });
    await replaceFile(target, await readFile(join(place.from, path), "utf8"), 0o644, "restored");
  }
  return { file: join(place.to, definition.file), aside };
}

async function differing({ files }: ManifestDefinition, { from, to }: DefinitionPlace): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { path } of files) {
    const target = join(to, path);
    if (!(await isThere(target))) continue;
    const same = await readFile(target, "utf8").catch(() => null);
    if (same !== (await readFile(join(from, path), "utf8"))) found.push(target);
  }
  return found;
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
