import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hashDefinition } from "#compile/canonical.ts";
import { loadText, type LoadTestOptions } from "./fixture.test-helper.ts";

const secretText = "hunter2-hunter2";

function read(backend: string, options?: LoadTestOptions, more = "") {
  const text = `version: 1
apis: { a: { path: /a, backend: b, access: public } }
backends: { b: { url: "http://127.0.0.1:1", ${backend} } }
environments: { e: { values: { plain: p, hidden: { env: HIDDEN } } } }
${more}
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
        { name: "X-Two", secret: true, origin: "env OTHER", value: "other" },
        { name: "X-Two", secret: true, origin: "values of the environment", value: `b ${secretText}` },
        { name: "X-File", secret: true, origin: "file key.txt", value: "from-a-file" },
        { name: "Authorization", secret: true, origin: "env OTHER", value: "Basic other" },
      ],
      query: [
        { name: "code", secret: true, origin: "values of the environment", value: secretText },
        { name: "v", value: "1" },
      ],
    });
  });

  it("have Basic put together, and name what is fetched", async () => {
    const connections = `connections: { c: { plain: { tokenUrl: "https://l.example/t", clientId: a, clientSecret: { env: OTHER } },
      caller: { tokenUrl: "https://l.example/t", clientId: a, clientSecret: { env: OTHER }, grant: token-exchange } } }`;
    const authorizationOf = async (written: string): Promise<unknown> => {
      const { definition, diagnostics } = await read(`authorization: ${written}`, {}, connections);
      assert.ok(diagnostics.every(({ code }) => code === "value-unused"));
      const [backend] = definition?.backends ?? [];
      return backend?.credentials?.headers ?? backend?.authorization;
    };
    assert.deepEqual(await authorizationOf("{ username: gateway, password: { env: OTHER } }"), [
      { name: "Authorization", secret: true, origin: "env OTHER", value: `Basic ${btoa("gateway:other")}` },
    ]);
    assert.deepEqual(await authorizationOf("none"), { kind: "none" });
    assert.deepEqual(await authorizationOf("{ managedIdentity: { resource: r, clientId: i } }"), {
      kind: "managed-identity",
      resource: "r",
      clientId: "i",
    });
    const connection = { kind: "connection", provider: "c" };
    assert.deepEqual(await authorizationOf("{ connection: c/plain }"), {
      ...connection,
      name: "plain",
      exchanges: false,
    });
    assert.deepEqual(await authorizationOf("{ connection: c/caller }"), {
      ...connection,
      name: "caller",
      exchanges: true,
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
      ["authorization: { scheme: Basic }", /half of this Authorization is missing/],
      ["authorization: { username: u }", /half of this Authorization is missing/],
      ["authorization: {}", /Authorization is said in one way/],
      ["authorization: { username: 'a:b', password: c }", /neither colons/],
      ["authorization: { username: a, password: c, managedIdentity: { resource: r } }", /said in one way/],
      ["authorization: { managedIdentity: {} }", /lacks resource/],
      ["authorization: { connection: x/y }", /there is no connection x\/y/],
      ["authorization: maybe", /is not one of original, none/],
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
