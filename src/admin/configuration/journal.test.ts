import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Clock, Log } from "#model/ports.ts";
import { bundleOf } from "./bundle.ts";
import { ConfigurationFolder } from "./folder.ts";
import { History, type HistoryEntry } from "./history.ts";
import { finishChange, hasJournal, Journal } from "./journal.ts";

const day = 86_400_000;
const log: Log = { info: () => {}, warn: () => {}, error: () => {} };
let now = Date.parse("2026-01-01T00:00:00Z");
const clock: Clock = { now: () => now, mono: () => now };

let root = "";
let data = "";
let definition = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sallyport-config-"));
  data = join(root, "data");
  mkdirSync(join(root, "files"));
  definition = join(root, "files", "sallyport.yaml");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (keep: number = 100, maxAgeMs: number = 365 * day): Promise<History> =>
  History.open({ folder: data, limits: { keep, maxAgeMs }, clock, log });
const texts = (version: string): ReadonlyMap<string, string> =>
  new Map([
    ["sallyport.yaml", `definition ${version}`],
    ["a.yaml", `a ${version}`],
    ["deep/b.yaml", `b ${version}`],
  ]);

async function planned(history: History, version: string, author: string): Promise<Omit<HistoryEntry, "id">> {
  const bundle = bundleOf(texts(version));
  const files = await history.keep(bundle);
  const time = new Date(now).toISOString();
  const rest = { author, action: "apply", comment: "", configHash: "0".repeat(64), environment: "dev" } as const;
  return { time, hash: bundle.hash, files, ...rest };
}

describe("a change that a crash cuts off", () => {
  /** As if the process had died after `replaced` of the three files. */
  async function crashAfter(replaced: number): Promise<ConfigurationFolder> {
    const folder = new ConfigurationFolder(definition);
    await folder.replace(texts("old"));
    const history = await open();
    await history.add(await planned(history, "old", "file"));
    const entry = await planned(history, "new", "ann");
    const names = [...texts("new").keys()].toReversed();
    await new Journal(data).begin({ folder: folder.path, entry, before: await folder.hashes(names) });
    for (const name of names.slice(0, replaced)) {
      writeFileSync(join(folder.path, name), texts("new").get(name) ?? "");
    }
    writeFileSync(join(folder.path, ".sallyport.yaml.sallyport.tmp"), "half a te");
    return folder;
  }

  for (const replaced of [0, 1, 2, 3]) {
    it(`is finished at the next start, ${replaced} of 3 files being in place`, async () => {
      const folder = await crashAfter(replaced);
      const history = await open();
      assert.equal(await finishChange(new Journal(data), history, folder, log), true);
      for (const [name, text] of texts("new")) assert.equal(await folder.read(name), text);
      assert.deepEqual([history.newest?.author, history.newest?.id], ["ann", 2]);
      assert.equal(hasJournal(data), false);
      assert.deepEqual(readdirSync(folder.path).toSorted(), ["a.yaml", "deep", "sallyport.yaml"]);
    });
  }

  it("is not entered twice when only the journal's end was cut off", async () => {
    const folder = await crashAfter(3);
    const history = await open();
    await history.add(await planned(history, "new", "ann"));
    await finishChange(new Journal(data), history, folder, log);
    assert.equal(history.list().length, 2);
  });

  it("gives way to what somebody has written since", async () => {
    const folder = await crashAfter(1);
    writeFileSync(definition, "edited by hand");
    const history = await open();
    assert.equal(await finishChange(new Journal(data), history, folder, log), false);
    assert.deepEqual([await folder.read("sallyport.yaml"), history.list().length], ["edited by hand", 1]);
    assert.equal(hasJournal(data), false);
  });

  it("is none of another definition's", async () => {
    await crashAfter(1);
    const other = new ConfigurationFolder(join(root, "sallyport.yaml"));
    assert.equal(await finishChange(new Journal(data), await open(), other, log), false);
    assert.equal(hasJournal(data), true);
  });
});

describe("the configuration's folder", () => {
  it("keeps mode and place of a file that is linked to, and puts no new file through a link", async () => {
    const elsewhere = join(root, "elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "real.yaml"), "old", { mode: 0o640 });
    symlinkSync(join(elsewhere, "real.yaml"), definition);
    symlinkSync(elsewhere, join(root, "files", "out"));
    const folder = new ConfigurationFolder(definition);
    await folder.replace(new Map([["sallyport.yaml", "new"]]));
    assert.equal(readFileSync(join(elsewhere, "real.yaml"), "utf8"), "new");
    const escape = new Map([
      ["sallyport.yaml", "newer"],
      ["out/x.yaml", "x"],
    ]);
    await assert.rejects(folder.replace(escape), { code: "configuration-read-only" });
    assert.deepEqual([await folder.read("sallyport.yaml"), readdirSync(elsewhere)], ["new", ["real.yaml"]]);
  });
});

describe("the history", () => {
  it("keeps so many, and those not too old, but always the one in force", async () => {
    const history = await open(3, 10 * day);
    for (const version of ["1", "2", "3", "4"]) await history.add(await planned(history, version, "ann"));
    assert.deepEqual(
      history.list().map(({ id }) => id),
      [4, 3, 2],
    );
    now += 11 * day;
    await history.prune({ keep: 3, maxAgeMs: 10 * day });
    assert.deepEqual(
      history.list().map(({ id }) => id),
      [4],
    );
    assert.equal(readdirSync(join(data, "texts")).length, 3, "texts that nothing names are gone");
    const again = await open();
    assert.equal((await again.add(await planned(again, "5", "ann"))).id, 5, "no number is given twice");
  });

  it("keeps a text once that does not change, and says when one was changed", async () => {
    const history = await open();
    const entry = await history.add(await planned(history, "1", "ann"));
    await history.add(await planned(history, "1", "bob"));
    assert.equal(readdirSync(join(data, "texts")).length, 3);
    assert.equal((await history.read(entry)).files.get("a.yaml"), "a 1");
    writeFileSync(join(data, "texts", entry.files[0]?.sha256 ?? ""), "forged");
    await assert.rejects(history.read(entry), { code: "store-corrupt" });
  });

  it("lets go of the texts of a change that failed", async () => {
    const history = await open();
    await history.add(await planned(history, "1", "ann"));
    await planned(history, "2", "ann");
    assert.equal(readdirSync(join(data, "texts")).length, 6);
    await history.sweep();
    assert.equal(readdirSync(join(data, "texts")).length, 3);
  });

  it("goes on when an entry is damaged", async () => {
    const history = await open();
    for (const version of ["1", "2"]) await history.add(await planned(history, version, "ann"));
    writeFileSync(join(data, "history", "00000001.json"), "{");
    assert.deepEqual(
      (await open()).list().map(({ id }) => id),
      [2],
    );
  });
});
