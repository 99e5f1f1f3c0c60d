import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { cli } from "#test/support/gateway.ts";

describe("sallyport import caddyfile", () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-caddyfile-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(source: string, ...args: readonly string[]): { readonly code: number | null; readonly text: string } {
    writeFileSync(join(folder, "Caddyfile"), source);
    const command = [cli, "import", "caddyfile", "Caddyfile", ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8" });
    return { code: status, text: stdout + stderr };
  }

  it("writes a definition that loads, and files of the Caddyfile stay where they are", () => {
    mkdirSync(join(folder, "www"));
    const { code, text } = run(":8099 {\n\troot * www\n\tfile_server\n}\n", "--output", "gateway");
    assert.equal(code, 0, text);
    assert.match(text, /served-to-everyone[^]*2 of 2 directives map; gateway\/sallyport\.yaml is written/);
    const definition = join(folder, "gateway", "sallyport.yaml");
    assert.match(readFileSync(definition, "utf8"), new RegExp(`root: ${folder}/www`));
    const checked = spawnSync(process.execPath, [cli, "check", "--config", definition], { encoding: "utf8" });
    assert.equal(checked.status, 0, checked.stderr);
  });

  it("names what would be lost with its line, and writes nothing", () => {
    const source = ":8099 {\n\ttemplates {\n\t\tmime text/html\n\t}\n\trespond ok\n}\n";
    const { code, text } = run(source, "--output", "lost", "--json");
    const { file, imported, directives, mapped, problems } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual([code, file, imported, directives, mapped], [1, "Caddyfile", false, 2, 1]);
    const lost = (problems as readonly { line: number; code: string; message: string; kind: string }[]).filter(
      ({ kind }) => kind === "loss",
    );
    assert.deepEqual(
      lost.map(({ line, code: found }) => [line, found]),
      [[2, "directive-unsupported"]],
    );
    assert.match(lost[0]?.message ?? "", /^templates: /);
    assert.equal(existsSync(join(folder, "lost")), false);
  });

  it("keeps a hash of a password to itself, and says what it is read from", () => {
    const hash = "$2a$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    const { code, text } = run(
      `:8099 {\n\tbasic_auth {\n\t\tann ${hash}\n\t}\n\trespond ok\n}\n`,
      "--output",
      "hashed",
    );
    assert.equal(code, 0, text);
    assert.match(text, /Caddyfile:3[^]*PASSWORD_HASH_ANN/);
    const definition = readFileSync(join(folder, "hashed", "sallyport.yaml"), "utf8");
    assert.match(definition, /ann:\n\s+hash:\n\s+env: PASSWORD_HASH_ANN/);
    assert.ok(![text, definition].some((one) => one.includes(hash)));
  });

  it("with --check writes nothing, and says of a file that cannot be read where", () => {
    const good = run(":8099 {\n\trespond ok\n}\n", "--check", "--json", "--output", "checked");
    assert.equal((JSON.parse(good.text) as { imported: boolean }).imported, true);
    assert.equal(good.code, 0);
    assert.equal(existsSync(join(folder, "checked")), false);
    const bad = run(":8099 {\n\thandle {\n\t\tnonsense\n\t}\n}\n", "--check");
    assert.equal(bad.code, 1);
    assert.match(bad.text, /Caddyfile:3: there is no directive nonsense \(caddyfile-invalid\)/);
  });

  it("does not take an expression that is none for one", () => {
    const { code, text } = run(":8099 {\n\t@x expression nothing.of.this == 1\n\trespond @x ok\n}\n", "--check");
    assert.equal(code, 1);
    assert.match(text, /cel-invalid/);
  });
});
