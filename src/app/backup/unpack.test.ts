import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { packTar } from "modern-tar";
import type { GatewayError } from "#model/errors.ts";
import type { Manifest } from "./manifest.ts";
import { unpackBackup } from "./unpack.ts";

interface Entry {
  readonly name: string;
  readonly text: string;
  readonly link?: string;
}

const good: readonly Entry[] = [
  { name: "data/sallyport.db", text: "a database" },
  { name: "data/ca/root.key", text: "a key" },
  { name: "definition/sallyport.yaml", text: "version: 1" },
];

function manifestOf(entries: readonly Entry[]): Entry {
  const below = (prefix: string): Manifest["files"] =>
    entries.flatMap(({ name, text }) => {
      const sha256 = createHash("sha256").update(text).digest("hex");
      return name.startsWith(prefix)
        ? [{ path: name.slice(prefix.length), size: Buffer.byteLength(text), sha256 }]
        : [];
    });
  const files = below("data/");
  const definition = { file: "sallyport.yaml", environment: "", configHash: "", files: below("definition/") };
  const facts = { format: "sallyport-backup", version: 1, madeAt: "", program: "", node: "", audit: true } as const;
  return {
    name: "manifest.json",
    text: JSON.stringify({ ...facts, keyEncryptionKeys: [], files, definition } satisfies Manifest),
  };
}

describe("unpacking a backup", () => {
  const top = mkdtempSync(join(tmpdir(), "sallyport-unpack-"));
  const file = join(top, "backup.tar.gz");
  const folder = join(top, "deep", "folder");
  const into = { data: folder, definition: join(top, "deep", "texts") };
  after(() => rmSync(top, { recursive: true, force: true }));
  beforeEach(() => {
    rmSync(join(top, "deep"), { recursive: true, force: true });
    for (const one of Object.values(into)) mkdirSync(one, { recursive: true });
  });

  async function write(entries: readonly Entry[]): Promise<void> {
    const packed = await packTar(
      entries.map(({ name, text, link }) => ({
        header: {
          name,
          size: link === undefined ? Buffer.byteLength(text) : 0,
          ...(link === undefined ? { type: "file" } : { type: "symlink", linkname: link }),
        },
        ...(link === undefined ? { body: text } : {}),
      })),
    );
    writeFileSync(file, gzipSync(packed));
  }
  const assertDamaged = async (what: string): Promise<void> => {
    await assert.rejects(unpackBackup(file, into), ({ code }: GatewayError) => code === "backup-damaged", what);
    assert.deepEqual(readdirSync(top).toSorted(), ["backup.tar.gz", "deep"], what);
    assert.deepEqual(readdirSync(join(top, "deep")), ["folder", "texts"], what);
    for (const one of Object.values(into)) {
      rmSync(one, { recursive: true });
      mkdirSync(one);
    }
  };

  it("gives each file its content, for its owner only", async () => {
    await write([...good, manifestOf(good)]);
    assert.equal((await unpackBackup(file, into)).files.length, 2);
    assert.equal(readFileSync(join(into.definition, "sallyport.yaml"), "utf8"), "version: 1");
    assert.equal(readFileSync(join(folder, "ca", "root.key"), "utf8"), "a key");
    assert.equal(statSync(join(folder, "ca", "root.key")).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, "ca")).mode & 0o777, 0o700);
  });

  it("lets nothing out of the folder, and takes no links", async () => {
    const names = [
      "data/../../x",
      "data//etc/x",
      "/etc/x",
      "x",
      "data/.restore/plan.json",
      "definition/../../x",
      "definition/.bashrc",
      "data/a\\b",
      "data/",
      "data/a/./b",
    ];
    for (const name of names) {
      const entries = [...good, { name, text: "x" }];
      await write([...entries, manifestOf(entries)]);
      await assertDamaged(name);
    }
    for (const link of ["/etc/passwd", "ca/root.key", "../../x"]) {
      const entries = [...good, { name: "data/link", text: "", link }];
      await write([...entries, manifestOf(entries)]);
      await assertDamaged(`link to ${link}`);
    }
  });

  it("refuses what is not all of what its manifest says", async () => {
    const [first, second] = good as [Entry, Entry];
    const cases: Readonly<Record<string, readonly Entry[]>> = {
      "no manifest": good,
      "no entries": [],
      "a file is missing": [first, manifestOf(good)],
      "a file too many": [...good, { name: "data/more", text: "x" }, manifestOf(good)],
      "a file twice": [...good, second, manifestOf(good)],
      "another content": [first, { ...second, text: "a kez" }, manifestOf(good)],
      "another length": [first, { ...second, text: "a key " }, manifestOf(good)],
      "more behind it": [...good, manifestOf(good), { name: "data/more", text: "x" }],
      "two manifests": [...good, manifestOf(good), manifestOf(good)],
      "no JSON": [...good, { name: "manifest.json", text: "{" }],
      "another version": [
        ...good,
        { name: "manifest.json", text: manifestOf(good).text.replace('"version":1', '"version":2') },
      ],
    };
    for (const [what, entries] of Object.entries(cases)) {
      await write(entries);
      await assertDamaged(what);
    }
  });

  it("refuses one that was cut off or altered anywhere", async () => {
    await write([...good, manifestOf(good)]);
    const whole = readFileSync(file);
    for (let length = 0; length < whole.length; length += 7) {
      truncateSync(file, length);
      await assertDamaged(`cut off at ${length}`);
      writeFileSync(file, whole);
    }
    const plain = gunzipSync(whole);
    for (const part of ["a database", "a key", "ustar", "root.key"]) {
      const altered = Buffer.from(plain);
      const at = altered.indexOf(part);
      altered[at] = (altered[at] ?? 0) ^ 1;
      writeFileSync(file, gzipSync(altered));
      await assertDamaged(part);
    }
    writeFileSync(file, "no archive at all");
    await assertDamaged("no archive");
    assert.ok(!existsSync(join(top, "x")));
  });
});
