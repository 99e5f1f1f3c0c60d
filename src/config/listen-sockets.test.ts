import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ListenPlace } from "#model/definition.ts";
import { codes, loadText } from "./fixture.test-helper.ts";

const definition = (listen: string, more = ""): string => `version: 1
edge: { https: internal, listen: ${listen} }
apis:
  who: { path: /who, access: public, respond: { status: 200 } }
${more}`;

async function listenersOf(listen: string): Promise<readonly ListenPlace[]> {
  const loaded = await loadText(definition(listen));
  assert.deepEqual(codes(loaded), []);
  return loaded.definition?.edge.http ?? [];
}

async function problemOf(listen: string, more = ""): Promise<string> {
  const { diagnostics } = await loadText(definition(listen, more));
  return diagnostics.map(({ code, at, message, fix }) => `${code} ${at.line}: ${message} → ${fix}`).join("\n");
}

describe("sockets to listen on", () => {
  it("are written as in nginx or as in Caddy, with a mode or without", async () => {
    const written = [
      "unix:/run/a.sock",
      "unix//run/a.sock",
      "unix:///run/a.sock|0660",
      "unix//run/a.sock|0222",
      "unix:/run/a.sock|222",
    ];
    const modes = [0o600, 0o600, 0o660, 0o222, 0o222];
    for (const [at, text] of written.entries()) {
      assert.deepEqual(await listenersOf(`{ http: "${text}" }`), [{ path: "/run/a.sock", mode: modes[at] }], text);
    }
  });

  it("are relative to the definition's folder", async () => {
    assert.deepEqual(await listenersOf('{ http: ["unix:a.sock", "unix/run/b.sock", ":8080"] }'), [
      { path: "/gateway/a.sock", mode: 0o600 },
      { path: "/gateway/run/b.sock", mode: 0o600 },
      { host: "::", port: 8080 },
    ]);
  });

  it("have a path that the system takes, counted in bytes from the root on", async () => {
    const name = (bytes: number): string => "s".repeat(bytes - "/gateway/".length);
    assert.equal((await listenersOf(`{ http: "unix:${name(107)}" }`)).length, 1);
    const long = await problemOf(`{ http: [":8080", "unix:${name(108)}"] }`);
    assert.match(long, /^value-invalid 2: the path of the socket has 108 bytes, and the system takes 107 at most/);
    assert.match(await problemOf(`{ http: "unix:${"é".repeat(50)}" }`), /109 bytes/);
  });

  it("are refused without a path, without a file, and with a mode that nobody could connect by", async () => {
    assert.match(await problemOf('{ http: "unix:" }'), /names no socket/);
    assert.match(await problemOf('{ http: "unix:/run/" }'), /names no socket/);
    assert.match(await problemOf('{ http: "unix/@abstract" }'), /has no file/);
    for (const mode of ["0444", "999", "07777", "rw", ""]) {
      assert.match(await problemOf(`{ http: "unix:/run/a.sock|${mode}" }`), /not the mode of a socket/, mode);
    }
  });

  it("are each one listener's", async () => {
    const twice = await problemOf('{ https: "unix:/gateway/a.sock", http: "unix:a.sock|0660" }');
    assert.match(twice, /two listeners have the socket \/gateway\/a\.sock/);
  });

  it("are no backend", async () => {
    const backend = 'backends: { self: { url: "unix:/gateway/a.sock" } }';
    assert.match(await problemOf('{ http: "unix:a.sock" }', backend), /^backend-listener 5: the backend self/);
    assert.equal(await problemOf('{ http: "unix:b.sock" }', backend), "");
  });

  it("are no place for the admin API over TCP", async () => {
    assert.match(await problemOf('{ http: ":8080" }', 'admin: { listen: "unix:/run/a.sock" }'), /not an address/);
  });
});

describe("trusted proxies", () => {
  it("may be those on Unix sockets, of the edge and of an API", async () => {
    const { definition: loaded, diagnostics } = await loadText(`version: 1
edge: { trustedProxies: [unix, 10.0.0.0/8] }
apis:
  who: { path: /who, access: public, trustedProxies: [unix], respond: { status: 200 } }
`);
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(loaded?.edge.trustedProxies, ["unix", "10.0.0.0/8"]);
    assert.deepEqual(loaded?.apis[0]?.trustedProxies, ["unix"]);
    const { diagnostics: wrong } = await loadText("version: 1\nedge: { trustedProxies: [unx] }\n");
    assert.match(wrong[0]?.fix ?? "", /or unix$/);
  });
});
