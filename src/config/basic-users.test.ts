import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codes, loadText } from "./fixture.test-helper.ts";

const strong = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
const weak = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

function read(list: string, api = "basic: staff", hash = strong) {
  return loadText(
    `version: 1
identity:
  basic:
    staff: ${list}
apis:
  a: { path: /a, access: public, respond: { status: 200 }, ${api} }
`,
    { variables: { HASH: hash } },
  );
}

const ann = "{ users: { ann: { hash: { env: HASH }, groups: [ops] } } }";

describe("users with passwords", () => {
  it("are read with their hashes, which are secrets", async () => {
    const { definition, diagnostics } = await read(ann, "basic: { users: staff, wrong: ignore, forward: true }");
    assert.deepEqual(diagnostics, []);
    const user = { name: "ann", hash: { secret: true, origin: "env HASH", value: strong }, groups: ["ops"] };
    assert.deepEqual(definition?.basicUsers, [{ name: "staff", users: [user] }]);
    assert.deepEqual(definition?.apis[0]?.basic, {
      users: "staff",
      realm: "restricted",
      wrong: "ignore",
      forward: true,
    });
    assert.deepEqual((await read(ann)).definition?.apis[0]?.basic?.wrong, "refuse");
  });

  it("are refused where something is wrong with them, without a word of the hash", async () => {
    for (const [list, api, hash, code] of [
      [ann, "basic: stuff", strong, "reference-unknown 6"],
      ["{ users: {} }", "basic: staff", strong, "users-missing 4"],
      ["{ users: { ann: {} } }", "basic: staff", strong, "key-missing 4"],
      ["{ users: { ann: { hash: secret } } }", "basic: staff", strong, "secret-plain 4"],
      ['{ users: { "a:b": { hash: { env: HASH } } } }', "basic: staff", strong, "name-invalid 4"],
      [`{ realm: 'a"b', users: { ann: { hash: { env: HASH } } } }`, "basic: staff", strong, "value-invalid 4"],
      [ann, "basic: staff", "plain-password", "password-hash-invalid 4"],
      [ann, "basic: staff", weak.replace("05", "31"), "password-hash-invalid 4"],
      [ann, "basic: staff", weak, "password-hash-weak 4"],
      [ann, "policies: { inbound: [{ validate-basic: { users: stuff } }] }", strong, "reference-unknown 6"],
    ] as const) {
      const result = await read(list, api, hash);
      const found = codes(result).map((one) => one.replace(/:\d+$/, ""));
      assert.deepEqual(found, [code], JSON.stringify(result.diagnostics));
      assert.ok(!JSON.stringify(result.diagnostics).includes(hash.slice(-20)));
    }
  });
});
