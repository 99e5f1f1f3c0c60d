import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseInsightsConnection } from "#config/checks/insights-connection.ts";
import { loadText } from "./fixture.test-helper.ts";

const key = "11111111-2222-3333-4444-555555555555";
const connection = `InstrumentationKey=${key};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/;LiveEndpoint=https://x.example/`;

const textOf = (diagnostics: string, policies = "{}"): string => `version: 1
loggers:
  insights: { applicationInsights: { connectionString: { env: INSIGHTS } } }
  hub: { url: "https://events.example.com" }
diagnostics: ${diagnostics}
apis: { a: { path: /a, backend: b, access: public, policies: ${policies} } }
backends: { b: { url: "http://127.0.0.1:1" } }
`;

async function read(
  diagnostics: string,
  variables: Record<string, string> = { INSIGHTS: connection },
  policies = "{}",
) {
  const { definition, diagnostics: found } = await loadText(textOf(diagnostics, policies), { variables });
  return { definition, problems: found.map(({ code, message }) => `${code}: ${message}`) };
}

describe("diagnostics", () => {
  it("have API Management's names and its defaults", async () => {
    const { definition, problems } = await read("{ applicationInsights: { loggerId: insights } }");
    assert.deepEqual(problems, []);
    const message = { headers: [], bodyBytes: 0, maskedHeaders: [], maskedQuery: [] };
    const pair = { request: message, response: message };
    assert.deepEqual(definition?.diagnostic, {
      logger: "insights",
      percentage: 100,
      alwaysLogErrors: false,
      verbosity: "information",
      logClientIp: false,
      correlation: "W3C",
      operationNameFormat: "Name",
      metrics: false,
      frontend: pair,
      backend: pair,
    });
    assert.deepEqual(definition?.insights, [
      {
        name: "insights",
        endpoint: "https://westeurope-5.in.applicationinsights.azure.com",
        key: { secret: true, origin: "env INSIGHTS", value: key },
        identity: null,
      },
    ]);
    // What policies may send to.
    assert.deepEqual(
      definition?.loggers.map(({ name }) => name),
      ["hub"],
    );
  });

  it("stay within API Management's bounds", async () => {
    for (const [setting, problem] of [
      ["frontend: { request: { body: { bytes: 8193 } } }", /^value-invalid/],
      ["sampling: { percentage: 101 }", /^value-invalid/],
      ["frontend: { request: { headers: ['a b'] } }", /^value-invalid/],
      ["verbosity: loud", /^value-invalid/],
      ["httpCorrelationProtocol: Legacy", /^value-invalid/],
      ["backend: { response: { dataMasking: { headers: [{ mode: Hide }] } } }", /^key-missing/],
      ["smapling: { percentage: 1 }", /^key-unknown/],
    ] as const) {
      const { problems } = await read(`{ applicationInsights: { loggerId: insights, ${setting} } }`);
      assert.equal(problems.length, 1, setting);
      assert.match(problems[0] ?? "", problem, setting);
    }
  });

  it("may be told by an identity of the gateway's own", async () => {
    for (const [written, clientId] of [
      ["SystemAssigned", ""],
      ["8d5a0b52", "8d5a0b52"],
    ] as const) {
      const text = textOf("{}").replace("env: INSIGHTS }", `env: INSIGHTS }, identityClientId: ${written}`);
      const { definition } = await loadText(text, { variables: { INSIGHTS: connection } });
      assert.deepEqual(definition?.insights?.[0]?.identity, { audience: "https://monitor.azure.com/", clientId });
    }
  });

  it("name a logger that is for them, and policies one that is not", async () => {
    const unknown = await read("{ applicationInsights: { loggerId: hub } }");
    assert.deepEqual(unknown.problems, ["reference-unknown: there is no logger hub for Application Insights"]);
    const policies = "{ inbound: [ base, { log-to-eventhub: { loggerId: insights, message: x } } ] }";
    const { problems } = await read("{}", undefined, policies);
    assert.deepEqual(problems, ["reference-unknown: there is no logger insights"]);
  });

  it("have a connection that is one, whose parts are not shown", async () => {
    const { problems } = await read("{}", { INSIGHTS: "InstrumentationKey=s3cret" });
    assert.deepEqual(problems, [
      "value-invalid: insights: the connection is no connection string of Application Insights",
    ]);
    for (const text of [`InstrumentationKey=${key};IngestionEndpoint=http://elsewhere.example/`, "", "x"]) {
      assert.ok("problem" in parseInsightsConnection(text), text);
    }
    for (const text of [`instrumentationkey=${key}`, key]) {
      const value = { key, endpoint: "https://dc.services.visualstudio.com", audience: "https://monitor.azure.com/" };
      assert.deepEqual(parseInsightsConnection(text), { value });
    }
    assert.deepEqual(
      parseInsightsConnection(
        `InstrumentationKey=${key};EndpointSuffix=ai.contoso.com;Location=weu;AADAudience=https://monitor.contoso.com`,
      ),
      {
        value: { key, endpoint: "https://weu.dc.ai.contoso.com", audience: "https://monitor.contoso.com" },
      },
    );
  });
});
