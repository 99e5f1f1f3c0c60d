import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { compileSnapshot } from "#compile/compile.ts";
import { answerEntry } from "#config/entries/answer.ts";
import { loadDefinition } from "#config/load.ts";
import type { Definition } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { YamlPieces } from "#notation/yaml/pieces.ts";
import { pack } from "#threads/packed/pack.ts";
import { openKeyVault } from "#app/key-vault.ts";
import type { DefinitionRequest, DefinitionSource, ReadAnswer, ReadRequest } from "./messages.ts";
import { controlDefinition, type ControlSnapshot, controlSnapshot, type ReadResult } from "./read-result.ts";

/** What of the answer is packed in one piece. */
export type PackedResult = Omit<ReadResult, "compiled"> & { readonly control: ControlSnapshot | null };

/** Entry of the thread that reads and compiles definitions: ten thousand routes are half a second's work. */
const { file, environment, values } = workerData as DefinitionSource;

const pieces = new YamlPieces();
/** Kept from reading to reading: it knows what vaults said before. */
const vault = openKeyVault(process.env);

parentPort?.on("message", (request: DefinitionRequest) => {
  if (request.kind === "entry") return parentPort?.postMessage(answerEntry(request.text, request.question));
  // What fails here ends the thread, and its reader tells.
  return void answer(request).then((found) => parentPort?.postMessage(found));
});

async function answer({ texts }: ReadRequest): Promise<ReadAnswer> {
  const { definition, ...rest } = await loadDefinition({
    file,
    ...(environment === undefined ? {} : { environment }),
    values: values ?? {},
    variables: process.env,
    pieces,
    vault,
    readFile: async (path) => Buffer.from(texts?.get(path) ?? (await readFile(path))),
  });
  const { snapshot, problem } = definition === null ? { snapshot: null, problem: null } : compile(definition);
  const result: PackedResult = {
    ...rest,
    definition: definition && controlDefinition(definition),
    control: snapshot && controlSnapshot(snapshot),
    problem,
  };
  return { result: pack(result, { secrets: true }), snapshot: snapshot && pack(snapshot) };
}

function compile(definition: Definition): { readonly snapshot: Snapshot | null; readonly problem: string | null } {
  try {
    return { snapshot: compileSnapshot(definition), problem: null };
  } catch (error) {
    if (error instanceof GatewayError) return { snapshot: null, problem: error.message };
    throw error;
  }
}
