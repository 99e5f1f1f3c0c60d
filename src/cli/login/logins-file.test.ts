import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import {
  changeLogins,
  type Login,
  loginsPath,
  readLogins,
  withLogin,
  withoutLogin,
  withRenewed,
} from "./logins-file.ts";

const folder = mkdtempSync(join(tmpdir(), "sallyport-logins-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "deep", "logins.json");

const login = (name: string, accessToken = "t"): Login => ({
  name,
  gateway: name,
  issuer: "https://l.example",
  clientId: "cli",
  scopes: ["openid"],
  resource: null,
  audience: null,
  prompt: null,
  ca: null,
  accessToken,
  expiresAt: null,
  refreshToken: null,
  who: null,
});

describe("the file of logins", () => {
  it("lies where the system says that programs keep what they know", () => {
    assert.equal(loginsPath({ XDG_STATE_HOME: "/state" }), "/state/sallyport/logins.json");
    // A relative one is to be ignored, as the specification says.
    assert.match(loginsPath({ XDG_STATE_HOME: "state" }), /\/\.local\/state\/sallyport\/logins\.json$/);
  });

  it("is changed by one at a time, and its owner's alone", async () => {
    const add = (name: string): Promise<void> =>
      changeLogins(file, async (before) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { after: withLogin(before, login(name)), result: undefined };
      });
    await Promise.all(["a", "b", "c"].map(add));
    const { logins } = await readLogins(file);
    assert.deepEqual(logins.map(({ name }) => name).toSorted(), ["a", "b", "c"]);
    assert.deepEqual([statSync(file).mode & 0o777, statSync(join(folder, "deep")).mode & 0o777], [0o600, 0o700]);
  });

  it("is given free by a command that fails, and by one that was killed", async () => {
    await assert.rejects(
      changeLogins(file, () => Promise.reject(new Error("no"))),
      /no/,
    );
    assert.ok(!existsSync(`${file}.lock`));
    writeFileSync(`${file}.lock`, "");
    utimesSync(`${file}.lock`, new Date(0), new Date(0));
    await changeLogins(file, async (before) => ({ after: before, result: undefined }));
    assert.ok(!existsSync(`${file}.lock`));
  });

  it("knows which login is used, and which is left", () => {
    const two = withLogin(withLogin({ current: null, logins: [] }, login("a")), login("b"));
    assert.equal(two.current, "b");
    const renewed = withRenewed(two, login("a", "new"));
    assert.deepEqual([renewed.current, renewed.logins.find(({ name }) => name === "a")?.accessToken], ["b", "new"]);
    assert.equal(withoutLogin(two, "b").current, "a");
    assert.equal(withoutLogin(two, "a").current, "b");
    assert.deepEqual(withoutLogin(withoutLogin(two, "b"), "a"), { current: null, logins: [] });
  });

  it("is not believed when it is damaged", async () => {
    writeFileSync(file, "{", { mode: 0o600 });
    await assert.rejects(readLogins(file), /is damaged \(login-damaged\)/);
  });
});
