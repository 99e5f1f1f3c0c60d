import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ImportedCaddyfile, importCaddyfile } from "#interop/caddyfile/import-caddyfile.ts";

const hash = "$2a$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

function read(...directives: readonly string[]): ImportedCaddyfile {
  const files = { read: () => undefined, glob: () => [] };
  return importCaddyfile(`:80 {\n${directives.join("\n")}\n}\n`, { file: "Caddyfile", variables: {}, files });
}

const problemsOf = ({ report }: ImportedCaddyfile): readonly string[] =>
  report.problems.filter(({ kind }) => kind === "loss" || kind === "error").map(({ code, line }) => `${line} ${code}`);

describe("basic_auth of a Caddyfile", () => {
  it("has its users in one list of the site, with their hashes where they come from", () => {
    const base64 = Buffer.from(hash).toString("base64");
    const imported = read(
      `basic_auth /a {\n ann ${base64}\n bob {env.BOB}\n}`,
      `basicauth /b bcrypt "The b" {\n ann ${hash}\n eve {file.secrets/eve}\n}`,
    );
    assert.deepEqual(problemsOf(imported), []);
    const { identity, apis } = imported.definition as Record<string, Record<string, unknown>>;
    assert.deepEqual(identity?.["basic"], {
      site: {
        users: {
          ann: { hash: { env: "PASSWORD_HASH_ANN" } },
          bob: { hash: { env: "BOB" } },
          eve: { hash: { file: "secrets/eve" } },
        },
      },
    });
    const [api] = Object.values(apis ?? {}) as readonly Record<string, unknown>[];
    assert.deepEqual(api?.["basic"], { users: "site", wrong: "ignore", forward: true });
    assert.match(JSON.stringify(api), /"names":\["ann","eve"\],"realm":"The b"/);
    assert.ok(!JSON.stringify([imported.definition, imported.report.problems]).includes(hash));
  });

  it("gives one user of two sites one variable for one hash, and two for two", () => {
    const site = (port: number, text: string): string => `:${port} {\n basic_auth {\n ann ${text}\n }\n}\n`;
    const source = site(81, hash) + site(82, hash) + site(83, hash.replace("10", "11"));
    const { definition } = importCaddyfile(source, {
      file: "Caddyfile",
      variables: {},
      files: { read: () => undefined, glob: () => [] },
    });
    const found = [...JSON.stringify(definition).matchAll(/"hash":\{"env":"(\w+)"\}/g)].map(([, name]) => name);
    assert.deepEqual(found, ["PASSWORD_HASH_ANN", "PASSWORD_HASH_ANN", "PASSWORD_HASH_ANN_2"]);
  });

  for (const [what, directives, problems] of [
    ["a password in the place of a hash", ["basic_auth {\n ann secret\n}"], ["3 value-unsupported"]],
    ["scrypt", [`basic_auth scrypt {\n ann ${hash}\n}`], ["2 value-unsupported"]],
    ["a salt", [`basic_auth {\n ann ${hash} salt\n}`], ["3 value-unsupported"]],
    ["a user from the environment", [`basic_auth {\n {env.USER} ${hash}\n}`], ["3 value-unsupported"]],
    ["a user twice", ["basic_auth {\n ann {env.A}\n ann {env.B}\n}"], ["2 caddyfile-invalid"]],
    ["no users", ["basic_auth"], ["2 caddyfile-invalid"]],
    ["no hash", ["basic_auth {\n ann\n}"], ["3 caddyfile-invalid"]],
    [
      "another hash elsewhere",
      ["basic_auth /a {\n ann {env.A}\n}", "basic_auth /b {\n ann {env.B}\n}"],
      ["6 value-unsupported"],
    ],
  ] as const) {
    it(`is not taken with ${what}`, () => assert.deepEqual(problemsOf(read(...directives)), problems));
  }
});
