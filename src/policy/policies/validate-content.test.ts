import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import type { DescribedSchema } from "#model/operation-description.ts";
import type { ApiFacts } from "#model/snapshot.ts";
import { BodyRoom } from "#policy/body-room.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, policy, portsWith, start } from "#policy/policy.test-helper.ts";
import { localTransforms } from "#policy/transforms/local.ts";
import type { Transforms } from "#policy/transforms/transforms.ts";
import { type Args, incoming, of, order, ports, responding, textOf } from "#policy/validation/described.test-helper.ts";

describe("validate-content", () => {
  const args: Args = {
    unspecifiedContentTypeAction: "prevent",
    maxSize: 100,
    sizeExceededAction: "prevent",
    content: [{ type: "application/json", validateAs: "json", action: "prevent" }],
  };

  async function contentOf(given: Args, exchange: Exchange, section: "inbound" | "outbound"): Promise<string> {
    return textOf(await start([policy("validate-content", given)], exchange, { section, ports }));
  }

  function result(type: string, body: string, more: Args = {}): Promise<string> {
    const exchange = incoming("", "7", type === "" ? [] : ["Content-Type", type]);
    exchange.request.body = Buffer.from(body);
    return contentOf({ ...args, ...more }, exchange, "inbound");
  }

  it("holds bodies to their schema", async () => {
    assert.equal(await result("application/json; charset=utf-8", '{"id":"o-1","more":1}'), "passed");
    for (const body of ['{"id":"x"}', "{}", "[]", "no json"]) {
      assert.match(
        await result("application/json", body),
        /^request-not-valid: Body of the request does not conform/,
        body,
      );
    }
    const none = incoming("");
    assert.equal(await contentOf(args, none, "inbound"), "passed", "no body is nobody's mistake");
  });

  it("holds them to a schema by name, described or not", async () => {
    const schemas = [
      { name: "s", pointer: "", schema: order },
      { name: "s", pointer: "#/$defs/n", schema: of({ type: "integer" }) },
    ];
    const content = [
      { type: "application/vnd.order+json", validateAs: "json", schemaId: "s", action: "prevent" },
      { type: "application/json", validateAs: "json", schemaId: "s", schemaRef: "#/$defs/n", action: "prevent" },
    ];
    const check = async (type: string, body: string): Promise<string> => {
      const exchange = incoming("", "7", ["Content-Type", type]);
      exchange.request.body = Buffer.from(body);
      const outcome = await start([policy("validate-content", { ...args, content })], exchange, {
        section: "inbound",
        ports: portsWith({ bodies: new BodyRoom(10_000, 100_000), schemas }),
      });
      return outcome?.kind === "refusal" ? outcome.reason : "passed";
    };
    assert.equal(await check("application/vnd.order+json", '{"id":"o-1"}'), "passed");
    assert.equal(await check("application/vnd.order+json", '{"id":"secret"}'), "request-not-valid");
    assert.equal(await check("application/json", "7"), "passed");
    assert.equal(await check("application/json", '{"id":"o-1"}'), "request-not-valid", "not the operation's own");
    assert.equal(await check("image/png", "7"), "request-not-valid", "named for others");
  });

  it("takes names in any case where that is said, and none twice", async () => {
    const content = [
      { type: "application/json", validateAs: "json", action: "prevent", caseInsensitivePropertyNames: true },
    ];
    const check = (body: string): Promise<string> => result("application/json", body, { content });
    assert.equal(await check('{"ID":"o-1"}'), "passed");
    assert.match(await check('{"Id":"x"}'), /does not conform/);
    assert.match(await check('{"Ids":"o-1"}'), /does not conform/);
    assert.match(await check('{"ID":"o-1","id":"o-1"}'), /in two cases/);
    assert.match(await result("application/json", '{"ID":"o-1"}'), /does not conform/);
  });

  it("holds them to their size and their content type", async () => {
    assert.match(
      await result("application/json", `{"id":"o-${"1".repeat(100)}"}`),
      /Request's body is 111 bytes long .* limit of 100 bytes/,
    );
    assert.match(await result("image/png", "x"), /Unspecified content type image\/png is not allowed/);
    assert.match(await result("", "x"), /Unspecified content type/);
    assert.equal(await result("text/plain", "x"), "passed", "described, and not to be looked into");
    assert.equal(await result("image/png", "x", { unspecifiedContentTypeAction: "ignore" }), "passed");
  });

  it("counts one content type as another", async () => {
    const json = "application/json";
    assert.match(await result("text/x", "x", { contentTypeMap: { anyContentType: json } }), /does not conform/);
    assert.match(await result("", "x", { contentTypeMap: { missingContentType: json } }), /does not conform/);
    const types = [
      { from: "application/hal+json", to: json },
      { when: cel('request.path == "/orders/7"'), to: "text/plain" },
    ];
    assert.match(await result("application/hal+json", "{}", { contentTypeMap: { types } }), /does not conform/);
    assert.equal(await result("image/png", "x", { contentTypeMap: { types } }), "passed");
  });

  it("has its own word on other properties", async () => {
    const content = [
      { type: "application/json", validateAs: "json", action: "prevent", allowAdditionalProperties: false },
    ];
    assert.match(await result("application/json", '{"id":"o-1","more":1}', { content }), /does not conform/);
    assert.equal(await result("application/json", '{"id":"o-1"}', { content }), "passed");
  });

  it("compares items with each other, and looks into long bodies, beside this thread", async () => {
    const asked: string[] = [];
    const beside: Transforms = {
      fromBytes: 2048,
      run: (name, request, bytes, asset) => {
        asked.push(`${name} ${bytes}`);
        return localTransforms.run(name, structuredClone(request), bytes, structuredClone(asset));
      },
    };
    const list = of({ type: "array" });
    const unique = of({ allOf: [{ type: "array", uniqueItems: true }] });
    const check = async (schema: DescribedSchema, body: readonly number[]): Promise<string> => {
      const exchange = incoming("", "7", ["Content-Type", "application/json"]);
      exchange.request.body = Buffer.from(JSON.stringify(body));
      const content = [{ validateAs: "json", schemaId: "s", action: "prevent" }];
      const besidePorts = portsWith({ transforms: beside, schemas: [{ name: "s", pointer: "", schema }] });
      const nodes = [policy("validate-content", { ...args, maxSize: 100_000, content })];
      return textOf(await start(nodes, exchange, { section: "inbound", ports: besidePorts })).slice(0, 17);
    };
    const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => 1000 + at);
    assert.equal(await check(list, numbers(400)), "passed");
    assert.deepEqual(asked, []);
    assert.equal(await check(list, numbers(410)), "passed");
    assert.equal(await check(unique, numbers(210)), "passed");
    assert.equal(await check(unique, [...numbers(210), 1000]), "request-not-valid");
    assert.deepEqual(asked, ["json-schema 2051", "json-schema 1051", "json-schema 1056"]);
  });

  it("holds XML to a schema of the definition", async () => {
    const document = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="id" type="xs:integer"/></xs:schema>`;
    const xmlSchemas = [{ name: "id", key: "a digest", documents: [document], namespace: null }];
    const check = async (
      body: string,
      more: Readonly<Record<string, string | boolean>> = {},
      type = "application/xml",
    ): Promise<readonly [string, Exchange]> => {
      const exchange = incoming("", "7", ["Content-Type", type]);
      exchange.request.body = Buffer.from(body, type.includes("utf-16") ? "utf16le" : "utf8");
      const content = [{ type: "Application/XML", validateAs: "xml", schemaId: "id", action: "prevent", ...more }];
      const nodes = [policy("validate-content", { ...args, errorsVariable: "wrong", content })];
      const outcome = await start(nodes, exchange, { section: "inbound", ports: portsWith({ xmlSchemas }) });
      return [textOf(outcome), exchange];
    };
    assert.equal((await check("<id>7</id>"))[0], "passed");
    assert.equal((await check("\ufeff<id>7</id>"))[0], "passed");
    assert.equal((await check("<id>7</id>", {}, "application/xml; charset=utf-16"))[0], "passed");
    // It says something of JSON alone.
    assert.equal((await check("<id>7</id>", { allowAdditionalProperties: false }))[0], "passed");
    const [refused, exchange] = await check("<id>secret</id>");
    assert.equal(
      refused,
      "request-not-valid: Body of the request does not conform to the definition, which is associated with the content type application/xml. Element 'id': The value is none of the type xs:integer. Line: 1",
    );
    const wrong = exchange.variables?.get("wrong") as readonly { readonly Details: string }[] | undefined;
    assert.match(wrong?.[0]?.Details ?? "", /xs:integer/);
    assert.match((await check("<id>"))[0], /no well-formed XML/);
    assert.match((await check('{"id":7}'))[0], /no well-formed XML/);
    assert.match((await check('<!DOCTYPE id [<!ENTITY a "7">]><id>&a;</id>'))[0], /document type/);
    assert.equal((await check("<id>secret</id>", { action: "ignore" }))[0], "passed");
    const [detected, seen] = await check("<id>secret</id>", { action: "detect" });
    assert.equal(detected, "passed");
    assert.match(seen.trail[0]?.detail ?? "", /^(?!.*secret).*xs:integer/);
    assert.match((await check(`<id>${"7".repeat(100)}</id>`))[0], /exceeds the limit/);
    assert.match((await check("<id>7</id>", {}, "image/png"))[0], /Unspecified content type/);
  });

  it("holds what is in an envelope of SOAP to a schema by name, or to the API's own", async () => {
    const document = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a"><xs:element name="id" type="xs:integer"/></xs:schema>`;
    const schema = { key: "a digest", documents: [document], namespace: "urn:a" };
    const soap = "http://schemas.xmlsoap.org/soap/envelope/";
    const envelope = (body: string): string => `<s:Envelope xmlns:s="${soap}"><s:Body>${body}</s:Body></s:Envelope>`;
    const check = async (
      section: "inbound" | "outbound",
      body: string,
      named: boolean,
      apiSchema: typeof schema | null = schema,
    ): Promise<string> => {
      const exchange =
        section === "inbound"
          ? incoming("", "7", ["Content-Type", "text/xml"])
          : responding(200, ["Content-Type", "text/xml"], body);
      if (section === "inbound") exchange.request.body = Buffer.from(body);
      if (apiSchema !== null && !named) exchange.api = { ...exchange.api, xmlSchema: apiSchema } as ApiFacts;
      const content = [{ validateAs: "soap", action: "prevent", ...(named ? { schemaId: "a" } : {}) }];
      const nodes = [policy("validate-content", { ...args, maxSize: 1000, content })];
      const xmlSchemas = [{ ...schema, name: "a" }];
      return textOf(await start(nodes, exchange, { section, ports: portsWith({ xmlSchemas }) }));
    };
    const good = envelope('<id xmlns="urn:a">7</id>');
    const fault = envelope("<s:Fault><faultcode>s:Server</faultcode><faultstring/></s:Fault>");
    for (const named of [true, false]) {
      assert.equal(await check("inbound", good, named), "passed");
      assert.match(
        await check("inbound", good.replace("7", "seven"), named),
        /id': The value is none of the type xs:int/,
      );
      assert.match(await check("inbound", '<id xmlns="urn:a">7</id>', named), /It is no SOAP envelope\. Line: 1/);
      assert.match(await check("inbound", fault, named), /^request-not-valid/);
      assert.equal(await check("outbound", fault, named), "passed");
      assert.equal(await check("outbound", good.replace("7", "seven"), named), "response-not-valid: ");
    }
    assert.match(await check("inbound", good, false, null), /The API has no schema of XML\.$/);
  });

  it("tells the client nothing of a response", async () => {
    const exchange = responding(200, ["Content-Type", "application/json"], '{"id":"secret"}');
    assert.equal(await contentOf(args, exchange, "outbound"), "response-not-valid: ");
    assert.doesNotMatch(JSON.stringify(exchange.trail), /secret/);
  });

  it("reads its map and its contents from XML, and needs its actions and its size", async () => {
    const node = policyFromXml(
      "inbound",
      `<validate-content unspecified-content-type-action="prevent" max-size="12" size-exceeded-action="detect" errors-variable-name="wrong">
        <content-type-map missing-content-type-value="application/json"><type from="text/x" to="application/json" /></content-type-map>
        <content type="application/json" validate-as="json" action="prevent" allow-additional-properties="false" />
      </validate-content>`,
    );
    const held = async (type: string, body: string): Promise<[string, Exchange]> => {
      const exchange = incoming("", "7", type === "" ? [] : ["Content-Type", type]);
      exchange.request.body = Buffer.from(body);
      return [textOf(await start([node], exchange, { section: "inbound", ports })), exchange];
    };
    assert.equal((await held("", '{"id":"o-1"}'))[0], "passed");
    assert.match((await held("text/x", '{"id":"x"}'))[0], /does not conform/);
    const [outcome, exchange] = await held("text/x", '{"id":"o-12"}');
    assert.equal(outcome, "passed", "a longer one is only to be seen");
    assert.deepEqual(exchange.variables?.get("wrong"), [
      {
        Name: "Body",
        Type: "content",
        ValidationRule: "SizeLimit",
        Details: "Request's body is 13 bytes long and it exceeds the limit of 12 bytes.",
        Action: "detect",
      },
    ]);
    const problems = problemsOfXml("inbound", "<validate-content />").join();
    for (const name of ["unspecified-content-type-action", "max-size", "size-exceeded-action"]) {
      assert.match(problems, new RegExp(name));
    }
  });
});
