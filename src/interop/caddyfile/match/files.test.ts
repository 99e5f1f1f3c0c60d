import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importCaddyfile } from "#interop/caddyfile/import-caddyfile.ts";

function losses(site: string): readonly string[] {
  const { report } = importCaddyfile(`http://a.example {\n${site}\n}\n`, {
    file: "/etc/Caddyfile",
    files: { read: () => undefined, glob: () => [] },
    variables: {},
  });
  return report.problems
    .filter(({ kind }) => kind === "loss" || kind === "error")
    .map(({ line, code }) => `${line} ${code}`);
}

describe("files that decide", () => {
  it("are taken over from the matcher file, try_files and pass_thru", () => {
    assert.deepEqual(
      losses("root * /srv\n@a file {path} /x.html\nrewrite @a {file_match.relative}\nfile_server {\npass_thru\n}"),
      [],
    );
    assert.deepEqual(losses("root * /srv\ntry_files {path} {path}/ /i.html =404\nreverse_proxy 127.0.0.1:9"), []);
  });

  it("are told where they are looked for in another way", () => {
    for (const option of ["try_policy largest_size", "split_path .php", "root {http.vars.x}"])
      assert.deepEqual(losses(`@a file {\n${option}\n}\nrespond @a "x"`), ["2 matcher-unsupported"], option);
    assert.deepEqual(losses('@a file /{err.status_code}.html\nrespond @a "x"'), ["2 matcher-unsupported"]);
    assert.deepEqual(losses("root * /{host}\n@a file /x\nrespond @a x"), ["4 value-unsupported"]);
    assert.deepEqual(losses("try_files {path} /i.php?{query}\nreverse_proxy 127.0.0.1:9"), ["2 value-unsupported"]);
  });

  it("a redirect without a destination is none", () => {
    assert.deepEqual(losses("redir /elsewhere"), ["2 caddyfile-invalid"]);
  });
});
