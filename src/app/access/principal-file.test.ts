import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { loadText } from "#config/fixture.test-helper.ts";
import type { Definition } from "#model/definition.ts";
import { readPrincipal } from "./principal-file.ts";

const tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

describe("a file with a token's claims, of a provider with a preset", () => {
  let folder: string;
  let definition: Definition;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-principal-"));
    const provider = `{ preset: entra-id-v2, tenants: ["${tenant}"], audiences: [a], agents: [bot] }`;
    const loaded = await loadText(`version: 1\nidentity: { providers: { corp: ${provider} } }`);
    definition = loaded.definition as Definition;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const claims = {
    iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
    tid: tenant,
    oid: "o-1",
    sub: "o-1",
    azp: "bot",
    idtyp: "app",
    ver: "2.0",
  };

  function read(value: object): ReturnType<typeof readPrincipal> {
    const file = join(folder, "claims.json");
    writeFileSync(file, JSON.stringify(value));
    return readPrincipal(file, definition);
  }

  it("makes the principal that the token would", async () => {
    const { kind, tenant: found, subject, clientId } = await read(claims);
    assert.deepEqual([kind, found, subject, clientId], ["agent", tenant, "o-1", "bot"]);
  });

  it("says why the token would be refused", async () => {
    await assert.rejects(read({ ...claims, ver: "1.0" }), /refused: token-type-not-allowed/);
    await assert.rejects(read({ ...claims, tid: "other" }), /no provider of the definition has this iss/);
  });
});
