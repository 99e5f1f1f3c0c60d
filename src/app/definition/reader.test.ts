import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { compileSnapshot } from "#compile/compile.ts";
import { loadDefinition } from "#config/load.ts";
import { atOnce } from "#lib/slices.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { unpack } from "#threads/packed/unpack.ts";
import { DefinitionReader } from "./reader.ts";

const text = `version: 1
edge: { https: internal }
apis:
  orders:
    path: /orders
    backend: up
    access: [{ allow: 'principal.kind == "key"' }]
    policies: { inbound: [{ set-header: { name: X-From, values: [sallyport] } }] }
    operations: { list: { method: GET, path: / }, one: { method: GET, path: "/{id}" } }
backends: { up: { url: "http://127.0.0.1:9" } }
products: { starter: { apis: [orders], subscription: key } }
subscriptions: { demo: { product: starter, key: { file: key } } }
`;
const key = "sp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

describe("the reader of definitions", () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-reader-"));
  const file = join(folder, "sallyport.yaml");
  writeFileSync(file, text);
  writeFileSync(join(folder, "key"), key);
  const reader = new DefinitionReader({ file });
  after(async () => {
    await reader.close();
    rmSync(folder, { recursive: true });
  });

  it("gives what this thread would have read and compiled, secrets with their values", async () => {
    const { definition, compiled, diagnostics, files, documents } = await reader.read();
    const { readFile } = await import("node:fs/promises");
    const here = await loadDefinition({ file, variables: {}, readFile });
    assert.ok(compiled !== null);
    const snapshot = compileSnapshot(here.definition ?? assert.fail());
    assert.deepEqual([diagnostics, files, documents], [here.diagnostics, here.files, here.documents]);
    assert.deepEqual(atOnce(unpack<Snapshot>(compiled.packed)), snapshot);
    assert.equal(compiled.control.hash, snapshot.hash);
    assert.equal(compiled.control.operations, 2);
    assert.equal(definition?.subscriptions[0]?.primaryKey.reveal(), key);
    assert.equal("apis" in definition, false);
  });

  it("reads texts in the place of files, and tells where their problems are", async () => {
    const { definition, compiled, diagnostics } = await reader.read(
      new Map([[file, text.replace("backend: up", "backend: no")]]),
    );
    assert.deepEqual([definition, compiled], [null, null]);
    assert.deepEqual(
      diagnostics.map(({ code, at }) => [code, at.line, at.column]),
      [["reference-unknown", 6, 14]],
    );
  });

  it("says why a definition without errors has no snapshot", async () => {
    const never = `${text}policies: { backend: [] }\n`;
    const { definition, compiled, problem, diagnostics } = await reader.read(new Map([[file, never]]));
    assert.deepEqual([definition === null, compiled, diagnostics], [false, null, []]);
    assert.match(problem ?? "", /never calls the backend/);
  });

  it("answers calls that come together one after the other", async () => {
    const results = await Promise.all([reader.read(), reader.read(new Map([[file, "version: 2"]])), reader.read()]);
    assert.deepEqual(
      results.map(({ definition }) => definition !== null),
      [true, false, true],
    );
  });

  it("takes what ends the thread for a problem of the definition", async () => {
    const small = new DefinitionReader({ file }, 40);
    const many = Array.from({ length: 80_000 }, (_, at) => `      op${at}: { method: GET, path: /p${at} }\n`).join("");
    const { definition, diagnostics, files } = await small.read(
      new Map([[file, text.replace("    operations: {", `    operations:\n${many}`).replace(/ list: .* \} \}\n/, "")]]),
    );
    assert.deepEqual([definition, files], [null, [file]]);
    assert.equal(diagnostics[0]?.code, "definition-unread");
    assert.match(diagnostics[0].message, /takes more than 40 MiB of memory/);
    assert.notEqual((await small.read()).definition, null, "the next call has another thread");
    await small.close();
  });
});
