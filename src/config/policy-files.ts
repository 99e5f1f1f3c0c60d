import { isMap } from "yaml";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";
import type { XmlDocument } from "#notation/xml/document.ts";
import { scanXml } from "#notation/xml/scan.ts";
import { child, scalarText } from "#notation/yaml/child.ts";
import { readEntries } from "#notation/yaml/collections.ts";
import type { Reading } from "#notation/yaml/reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { type DefinitionFiles, policyFile } from "./files.ts";

/** By the name that the definition gives the file; null when it could not be had, which was reported. */
export type PolicyFiles = ReadonlyMap<string, XmlDocument | null>;

/** Policies are read with the rest of the definition, so the files they stand in are fetched before. */
export async function fetchPolicyFiles(
  reading: Reading,
  root: Slot,
  files: DefinitionFiles,
  problems: Problems,
): Promise<PolicyFiles> {
  const found = new Map<string, XmlDocument | null>();
  for (const slot of places(reading, root)) {
    const name = scalarText(slot);
    if (name === undefined || found.has(name)) continue;
    if (name.includes("{{")) {
      const message = "which policies run is the same in every environment: a value cannot name their file";
      problems.error("value-in-policy", slot.at, message, "write the file's name out");
      found.set(name, null);
      continue;
    }
    found.set(name, await fetchOne(name, slot.at, files, problems));
  }
  return found;
}

async function fetchOne(
  name: string,
  at: SourcePosition,
  files: DefinitionFiles,
  problems: Problems,
): Promise<XmlDocument | null> {
  const text = await files.text(name, at, policyFile);
  return text === undefined ? null : scanXml(files.resolve(name), text, problems);
}

/** Where a definition may name a file with policies. */
function places(reading: Reading, root: Slot): readonly Slot[] {
  const apis = members(reading, child(reading, root, "apis"));
  const operations = apis.flatMap((api) => members(reading, child(reading, api, "operations")));
  const owners = [root, ...apis, ...operations, ...members(reading, child(reading, root, "products"))];
  const policies = owners.map((owner) => child(reading, owner, "policies"));
  return [...members(reading, child(reading, root, "fragments")), ...policies.filter((slot) => slot !== undefined)];
}

/** Values of a map; none for anything else, which is reported where it is read. */
function members(reading: Reading, slot: Slot | undefined): readonly Slot[] {
  if (slot === undefined || !isMap(slot.node)) return [];
  return (readEntries(reading, slot, "a map") ?? []).map((entry) => entry.slot);
}
