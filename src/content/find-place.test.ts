import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { FilesHandler } from "#model/handler.ts";
import { FileRoom } from "./file-room.ts";
import { PlaceSearch } from "./find-place.ts";

describe("what is there in a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-place-"));
  const root = join(folder, "www");

  before(() => {
    mkdirSync(join(root, "sub", ".git"), { recursive: true });
    for (const name of ["a b.txt", "page.html", ".down", "private.key", "sub/.git/config"])
      writeFileSync(join(root, name), name);
    writeFileSync(join(folder, "outside.txt"), "outside");
    symlinkSync(join(folder, "outside.txt"), join(root, "link.txt"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function find(path: string, ...tryFiles: readonly string[]): Promise<string | null> {
    const settings: FilesHandler = {
      kind: "files",
      root,
      index: [],
      tryFiles,
      precompressed: [],
      hide: ["*.key"],
      cacheControl: null,
      notFound: null,
    };
    return new PlaceSearch(settings, new FileRoom(() => 0)).find(path);
  }

  it("is the first that is, encoded as in a URL", async () => {
    assert.equal(await find("/a%20b.txt"), "/a%20b.txt");
    assert.equal(await find("/page", "{path}", "{path}.html"), "/page.html");
    assert.equal(await find("/none", "{path}", "/page.html"), "/page.html");
    assert.equal(await find("/none", "{path}", "/none.html"), null);
  });

  it("is a folder only where the candidate ends with a slash", async () => {
    for (const path of ["/sub", "/sub/", "/"]) assert.equal(await find(path), null);
    assert.equal(await find("/sub", "{path}/"), "/sub/");
    assert.equal(await find("/page.html", "{path}/"), null);
  });

  it("is nothing above the root, behind a link out of it, or in a name that leads elsewhere", async () => {
    for (const path of ["/../outside.txt", "/%2e%2e/outside.txt", "/link.txt", "/sub%2f..", "/a%00", "/%zz"]) {
      assert.equal(await find(path), null, path);
    }
  });

  it("does not tell clients of hidden names, and knows those that the definition says", async () => {
    for (const path of ["/.down", "/sub/.git/config", "/private.key"]) assert.equal(await find(path), null, path);
    assert.equal(await find("/any", "/.down"), "/.down");
  });
});
