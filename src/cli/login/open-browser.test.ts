import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasBrowser } from "./open-browser.ts";

describe("a browser", () => {
  it("is thought to be there where somebody sits before a screen", () => {
    for (const [env, platform, expected] of [
      [{}, "linux", false],
      [{ DISPLAY: ":0" }, "linux", true],
      [{ WAYLAND_DISPLAY: "wayland-0" }, "linux", true],
      [{ DISPLAY: ":10", SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" }, "linux", false],
      [{}, "darwin", true],
      [{ SSH_CONNECTION: "x" }, "darwin", false],
      [{}, "win32", true],
      [{ CI: "true" }, "win32", false],
    ] as const) {
      assert.equal(hasBrowser(env, platform), expected, JSON.stringify([env, platform]));
    }
  });
});
