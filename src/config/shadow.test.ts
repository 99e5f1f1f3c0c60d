import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ShadowSettings } from "#model/shadow.ts";
import { loadText } from "./fixture.test-helper.ts";

const definition = (shadow: string, operation: string = ""): string => `version: 1
edge: { https: "off" }
apis:
  orders:
    path: /orders
    access: public
    backend: up
    ${shadow === "" ? "" : `shadow: ${shadow}`}
    operations:
      own: { method: GET, path: /own${operation === "" ? "" : `, shadow: ${operation}`} }
backends: { up: { url: "http://127.0.0.1:1" } }
`;

async function problemsOf(shadow: string): Promise<string> {
  const loaded = await loadText(definition(shadow));
  assert.equal(loaded.definition, null, shadow);
  return loaded.diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n");
}

async function shadows(shadow: string, operation = ""): Promise<readonly (ShadowSettings | null | undefined)[]> {
  const loaded = await loadText(definition(shadow, operation));
  assert.ok(loaded.definition !== null, JSON.stringify(loaded.diagnostics));
  const [api] = loaded.definition.apis;
  return [api?.shadow, api?.operations[0]?.shadow];
}

describe("an old gateway in a definition", () => {
  it("sees its own Host over https, the client's over http, or what is said", async () => {
    const [https] = await shadows("{ to: https://old.test/base/, credentials: none }");
    assert.deepEqual([https?.to, https?.host], ["https://old.test/base", "upstream"]);
    assert.equal((await shadows("{ to: http://old.test, credentials: none }"))[0]?.host, "preserve");
    assert.equal((await shadows("{ to: https://old.test, credentials: none, host: preserve }"))[0]?.host, "preserve");
  });

  it("is another one for an operation, or none", async () => {
    const api = "{ to: https://old.test, credentials: none }";
    const [all, own] = await shadows(api, "{ to: https://older.test, credentials: as-sent }");
    assert.deepEqual([all?.to, own?.to, own?.withheldFields], ["https://old.test", "https://older.test", []]);
    assert.equal((await shadows(api, "false"))[1], null);
    assert.equal((await shadows(api))[1], undefined);
  });

  it("is sent neither what proves who calls, unless that is said, nor requests that may change something", async () => {
    const [{ withheldFields = [], withheldParameters = [] } = {}] = (await shadows(
      "{ to: https://old.test, credentials: none }",
    )) as readonly ShadowSettings[];
    for (const name of ["authorization", "cookie", "ocp-apim-subscription-key"])
      assert.ok(withheldFields.includes(name));
    assert.ok(withheldParameters.includes("subscription-key"));
    assert.match(await problemsOf("{ to: https://old.test }"), /key-missing shadow lacks credentials/);
    assert.match(
      await problemsOf("{ to: https://old.test, credentials: none, methods: [POST] }"),
      /"POST" is not one of/,
    );
    assert.match(
      await problemsOf('{ to: https://old.test, credentials: "{{which}}" }'),
      /value-in-policy .*credentials/,
    );
  });

  it("is sent no credentials in clear text over a network", async () => {
    const problem = /value-invalid callers' tokens, cookies and keys would go to http:\/\/old.test in clear text/;
    assert.match(await problemsOf("{ to: http://old.test, credentials: as-sent }"), problem);
    assert.equal((await shadows("{ to: http://127.0.0.1:9, credentials: as-sent }"))[0]?.to, "http://127.0.0.1:9");
  });

  it("has to be said: true says nothing", async () => {
    assert.match(await problemsOf("true"), /a map for shadow is due/);
  });
});
