import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hashDefinition } from "#compile/canonical.ts";
import { loadText, type LoadTestOptions } from "./fixture.test-helper.ts";

const secretText = "hunter2-hunter2";

function read(backend: string, options?: LoadTestOptions) {
  const text = `version: 1
apis: { a: { path: /a, backend: b, access: public } }
backends: { b: { url: "http://127.0.0.1:1", ${backend} } }
environments: { e: { values: { plain: p, hidden: { env: HIDDEN } } } }
`;
  return loadText(text, { variables: { HIDDEN: secretText, OTHER: "other" }, ...options });
}

describe("credentials of a backend", () => {
  it("are text or secrets, in header fields, parameters and Authorization", async () => {
    const { definition, diagnostics } = await read(
      `headers: { X-Plain: "{{plain}}", X-Two: [{ env: OTHER }, "b {{hidden}}"], X-File: { file: key.txt } },
       query: { code: "{{hidden}}", v: 1 }, authorization: { scheme: Basic, parameter: { env: OTHER } }`,
      { files: { "key.txt": "from-a-file\n" } },
    );
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(definition?.backends[0]?.credentials, {
      headers: [
        { name: "X-Plain", value: "p" },
        { name: "X-Two", secret: true, value: "other" },
        { name: "X-Two", secret: true, value: `b ${secretText}` },
        { name: "X-File", secret: true, value: "from-a-file" },
        { name: "Authorization", secret: true, value: "Basic other" },
      ],
      query: [
        { name: "code", secret: true, value: secretText },
        { name: "v", value: "1" },
      ],
    });
  });

  it("do not count in the definition's hash where they are secret", async () => {
    const hash = async (HIDDEN: string): Promise<string> => {
      const { definition } = await read('headers: { X-A: "{{hidden}}", X-P: "{{plain}}" }', { variables: { HIDDEN } });
      return hashDefinition(definition as NonNullable<typeof definition>);
    };
    assert.equal(await hash("one"), await hash("two"));
  });

  it("cannot be what a request is framed by, and no message shows them", async () => {
    for (const [backend, expected] of [
      ['headers: { Host: "a" }', /Host is no credential/],
      ['headers: { Content-Length: "1" }', /Content-Length cannot be a field/],
      ["headers: { Authorization: a }, authorization: { scheme: Basic, parameter: b }", /said twice/],
      ["headers: { X-A: { env: HIDDEN } }", /cannot stand in a header field \(X-A\)/],
      ["headers: { X-A: { env: GONE } }", /GONE is not set/],
      ["authorization: { scheme: 'a b', parameter: x }", /a b is not the name of a scheme/],
      ["authorization: { scheme: Basic }", /lacks parameter/],
    ] as const) {
      const { definition, diagnostics } = await read(backend, {
        variables: { HIDDEN: `${secretText}\r\nX: y`, OTHER: "" },
      });
      const text = JSON.stringify(diagnostics);
      assert.match(text, expected);
      assert.doesNotMatch(text, /hunter2/);
      assert.equal(definition, null);
    }
  });
});
