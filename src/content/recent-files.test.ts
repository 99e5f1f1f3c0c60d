import assert from "node:assert/strict";
import type { FileHandle } from "node:fs/promises";
import { describe, it } from "node:test";
import type { OpenFile } from "./open-file.ts";
import { RecentFiles } from "./recent-files.ts";

function small(size: number): OpenFile {
  return { content: new Uint8Array(size), size, modifiedNs: 1n };
}

describe("recent files", () => {
  it("are believed for a tenth of a second, and twice that by the others while one looks again", () => {
    let now = 1000;
    const recent = new RecentFiles(() => now);
    const file = small(3);
    recent.keep("a", file);
    now += 99;
    assert.equal(recent.get("a"), file);
    now += 1;
    assert.equal(recent.get("a"), undefined, "the first to ask looks");
    assert.equal(recent.get("a"), file, "the next does not");
    now += 100;
    assert.equal(recent.get("a"), undefined, "but not longer");
  });

  it("are forgotten when nobody has asked in time", () => {
    let now = 0;
    const recent = new RecentFiles(() => now);
    recent.keep("a", "missing");
    now += 200;
    assert.equal(recent.get("a"), undefined);
    assert.equal(recent.get("a"), undefined);
  });

  it("take the newest state, also when it cannot be kept", () => {
    const recent = new RecentFiles(() => 0);
    recent.keep("a", "missing");
    recent.keep("a", { content: {} as FileHandle, size: 1e6, modifiedNs: 1n });
    assert.equal(recent.get("a"), undefined);
  });

  it("are bounded in bytes and in number, the oldest going first", () => {
    const recent = new RecentFiles(() => 0);
    for (let index = 0; index < 300; index += 1) recent.keep(`big ${index}`, small(64 * 1024));
    assert.equal(recent.get("big 0"), undefined);
    assert.notEqual(recent.get("big 299"), undefined);
    for (let index = 0; index < 5000; index += 1) recent.keep(`none ${index}`, "missing");
    assert.equal(recent.get("big 299"), undefined);
    assert.equal(recent.get("none 903"), undefined);
    assert.equal(recent.get("none 904"), "missing");
  });
});
