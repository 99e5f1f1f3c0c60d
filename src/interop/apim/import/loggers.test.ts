import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { importFolder } from "./import-folder.ts";

const logs = (id: string): string =>
  `<policies><inbound><base /><log-to-eventhub logger-id="${id}">a</log-to-eventhub></inbound></policies>`;

function imported(documents: readonly string[], loggers: Readonly<Record<string, object>>) {
  const texts = new Map<string, string>(documents.map((id) => [`products/${id}/policy.xml`, logs(id)]));
  for (const [id, properties] of Object.entries(loggers)) {
    texts.set(`loggers/${id}/loggerInformation.json`, JSON.stringify({ properties }));
  }
  texts.set(
    "named values/conn/namedValueInformation.json",
    JSON.stringify({ properties: { displayName: "conn", secret: true } }),
  );
  const artifacts = {
    folder: "in",
    texts,
    configurations: new Map<string, string>(),
    unread: new Map<string, string>(),
  };
  const { files, secrets, report } = importFolder(artifacts, {}, []);
  const definition = parse(files.get("sallyport.yaml") ?? "") as { loggers?: Record<string, { eventHub: object }> };
  return { loggers: definition.loggers, secrets, report };
}

describe("loggers", () => {
  const hub = (credentials: object): object => ({ loggerType: "azureEventHub", credentials });

  it("of Event Hubs come with their connection, as a named value, a file or the gateway's identity", () => {
    const { loggers, secrets } = imported(["Named", "written", "mine"], {
      named: hub({ name: "logs", connectionString: "{{conn}}" }),
      written: hub({ name: "logs", connectionString: "Endpoint=sb://a" }),
      mine: hub({
        name: "logs",
        endpointAddress: "https://a.servicebus.windows.net/",
        identityClientId: "SystemAssigned",
      }),
    });
    assert.deepEqual(loggers, {
      Named: { eventHub: { name: "logs", connection: "{{conn}}" } },
      written: { eventHub: { name: "logs", connection: { file: "./secrets/written.connection" } } },
      mine: { eventHub: { name: "logs", namespace: "a.servicebus.windows.net" } },
    });
    assert.equal(secrets.get("secrets/written.connection"), "Endpoint=sb://a\n");
  });

  it("that lack theirs, or are not in the folder, are looked for in the environment", () => {
    const { loggers, report } = imported(["a", "b", "c"], {
      a: hub({ name: "logs", connectionString: "{{Logger-Credentials--1}}" }),
      b: hub({}),
    });
    assert.deepEqual(loggers?.["a"], {
      eventHub: { name: "logs", connection: { env: "LOGGER_CREDENTIALS_1" } },
    });
    assert.deepEqual(loggers?.["b"], { eventHub: { connection: { env: "B_CONNECTION" } } });
    assert.deepEqual(loggers?.["c"], { eventHub: { connection: { env: "C_CONNECTION" } } });
    assert.ok(report.needs.some(({ name }) => name === "C_CONNECTION"));
  });

  it("that nothing here names stay behind, and that is said", () => {
    const { loggers, report } = imported([], { a: hub({ name: "logs" }), ai: { loggerType: "applicationInsights" } });
    assert.equal(loggers, undefined);
    assert.equal(report.notes.filter(({ message }) => message.includes("that nothing here names")).length, 2);
  });
});
