import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { loadText } from "#config/fixture.test-helper.ts";
import { importFolder } from "./import-folder.ts";

const service = "/subscriptions/1/resourceGroups/g/providers/Microsoft.ApiManagement/service/s";
const key = "11111111-2222-3333-4444-555555555555";

interface Found {
  readonly loggers?: Readonly<Record<string, object>>;
  readonly diagnostics?: { readonly applicationInsights: Readonly<Record<string, unknown>> };
  readonly apis: Readonly<Record<string, { readonly diagnostics?: object }>>;
}

function imported(resources: Readonly<Record<string, object>>, configurations: Readonly<Record<string, string>> = {}) {
  const api = { path: "orders", displayName: "Orders", serviceUrl: "https://orders.example" };
  const texts = new Map<string, string>(
    Object.entries({ "apis/orders/apiInformation.json": api, ...resources }).map(([path, properties]) => [
      path,
      JSON.stringify({ properties }),
    ]),
  );
  const paths = { "/": { get: { operationId: "read", responses: { 200: { description: "ok" } } } } };
  const document = { openapi: "3.0.1", info: { title: "Orders", version: "1" }, paths };
  texts.set("apis/orders/specification.json", JSON.stringify(document));
  const unread = new Map<string, string>();
  const artifacts = { folder: "in", texts, configurations: new Map(Object.entries(configurations)), unread };
  const { files, secrets, report } = importFolder(artifacts, {}, []);
  const text = files.get("sallyport.yaml") ?? "";
  return { text, found: parse(text) as Found, files, secrets, report };
}

const logger = (credentials: object): object => ({ loggerType: "applicationInsights", credentials });

describe("diagnostics", () => {
  const own = {
    loggerId: `${service}/loggers/Insights`,
    alwaysLog: "allErrors",
    httpCorrelationProtocol: "W3C",
    verbosity: "Verbose",
    logClientIp: true,
    operationNameFormat: "Url",
    sampling: { samplingType: "fixed", percentage: 50 },
    frontend: {
      request: {
        headers: ["X-Id"],
        body: { bytes: 9000 },
        dataMasking: { queryParams: [{ value: "tenant", mode: "Hide" }], headers: [] },
      },
      response: { headers: [], body: { bytes: 0 } },
    },
    backend: { response: { body: { bytes: 100 } } },
  };

  it("of all APIs and of one come with their logger, and load", async () => {
    const { text, found, files, secrets, report } = imported({
      "loggers/insights/loggerInformation.json": logger({ connectionString: `InstrumentationKey=${key}` }),
      "diagnostics/applicationinsights/diagnosticInformation.json": { loggerId: "/loggers/insights" },
      "apis/orders/diagnostics/applicationinsights/diagnosticInformation.json": own,
    });
    const { diagnostics } = found.apis["orders"] ?? {};
    assert.deepEqual(diagnostics, {
      applicationInsights: {
        loggerId: "insights",
        sampling: { percentage: 50 },
        alwaysLog: "allErrors",
        verbosity: "verbose",
        logClientIp: true,
        httpCorrelationProtocol: "W3C",
        operationNameFormat: "Url",
        frontend: {
          request: {
            headers: ["X-Id"],
            body: { bytes: 8192 },
            dataMasking: { queryParams: [{ value: "tenant", mode: "Hide" }] },
          },
        },
        backend: { response: { body: { bytes: 100 } } },
      },
    });
    assert.deepEqual(report.unsupported, []);
    const all = { ...Object.fromEntries(files), ...Object.fromEntries(secrets) };
    const { definition, diagnostics: problems } = await loadText(text, { files: all });
    assert.deepEqual(
      problems.filter(({ severity }) => severity === "error"),
      [],
    );
    assert.equal(definition?.diagnostic?.logger, definition?.insights?.[0]?.name);
    assert.equal(definition?.apis[0]?.diagnostic?.logger, definition?.insights?.[0]?.name);
    assert.equal(definition?.insights?.[0]?.key.value, key);
  });

  it("have a logger whose key is a named value, or is looked for in the environment", () => {
    const named = { displayName: "Key", secret: true };
    const told = { loggerId: "/loggers/insights" };
    const { found } = imported({
      "named values/key/namedValueInformation.json": named,
      "loggers/insights/loggerInformation.json": logger({ instrumentationKey: "{{Key}}" }),
      "diagnostics/applicationinsights/diagnosticInformation.json": told,
    });
    assert.deepEqual(found.loggers, { insights: { applicationInsights: { connectionString: "{{Key}}" } } });
    const lost = imported({ "diagnostics/applicationinsights/diagnosticInformation.json": told });
    assert.deepEqual(lost.found.loggers, {
      insights: { applicationInsights: { connectionString: { env: "INSIGHTS_CONNECTION" } } },
    });
    assert.ok(lost.report.needs.some(({ name }) => name === "INSIGHTS_CONNECTION"));
  });

  it("say what has no counterpart, and never silently", () => {
    const { found, report } = imported({
      "loggers/azuremonitor/loggerInformation.json": { loggerType: "azureMonitor" },
      "diagnostics/azuremonitor/diagnosticInformation.json": { loggerId: "/loggers/azuremonitor" },
      "apis/orders/diagnostics/local/diagnosticInformation.json": { loggerId: "/loggers/x" },
      "loggers/insights/loggerInformation.json": logger({ connectionString: "x", identityClientId: "SystemAssigned" }),
      "diagnostics/applicationinsights/diagnosticInformation.json": {
        ...own,
        loggerId: "/loggers/insights",
        metrics: true,
        httpCorrelationProtocol: "Legacy",
        largeLanguageModel: {},
      },
    });
    assert.equal(found.diagnostics?.applicationInsights["httpCorrelationProtocol"], undefined);
    assert.equal(found.diagnostics?.applicationInsights["metrics"], true);
    assert.equal(found.apis["orders"]?.diagnostics, undefined);
    assert.deepEqual(found.loggers, {
      insights: {
        applicationInsights: {
          connectionString: { file: "./secrets/insights.connection" },
          identityClientId: "SystemAssigned",
        },
      },
    });
    const notes = report.notes.map(({ from, message }) => `${from}: ${message}`);
    for (const part of [
      "azuremonitor/loggerInformation.json: is a logger of the kind azureMonitor that nothing here names",
      "diagnostics/azuremonitor/diagnosticInformation.json: writes into Azure's own resource logs",
      "orders: the diagnostic local is not carried over",
      "Request-Id of the Legacy protocol",
      "largeLanguageModel is not carried over",
    ]) {
      assert.ok(
        notes.some((note) => note.includes(part)),
        `${part}\n${notes.join("\n")}`,
      );
    }
    assert.deepEqual(report.unsupported, []);
  });

  it("are as the environments have them, where those agree", () => {
    const overrides = (percentage: number): string =>
      `apimServiceName: s\ndiagnostics: [{ name: ApplicationInsights, properties: { sampling: { percentage: ${percentage} } } }]`;
    const path = "diagnostics/applicationinsights/diagnosticInformation.json";
    const same = imported({ [path]: own }, { dev: overrides(7), prod: overrides(7) });
    assert.deepEqual(same.found.diagnostics?.applicationInsights["sampling"], { percentage: 7 });
    assert.ok(!same.report.notes.some(({ message }) => message.includes("sampling")));
    const { report } = imported({ [path]: own }, { dev: overrides(7), prod: overrides(8) });
    assert.ok(report.notes.some(({ from, message }) => from === path && message.includes("differs between")));
  });
});
