import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Diagnostic } from "#model/diagnostics.ts";
import { compileSnapshot } from "./compile.ts";
import { api, definition, operation } from "./definition.test-helper.ts";

const message = { headers: [], bodyBytes: 0, maskedHeaders: [], maskedQuery: [] };
const pair = { request: message, response: message };
const diagnostic = (logger: string, correlation: Diagnostic["correlation"] = "W3C"): Diagnostic => ({
  logger,
  percentage: 100,
  alwaysLogErrors: false,
  verbosity: "information",
  logClientIp: false,
  correlation,
  operationNameFormat: "Name",
  metrics: false,
  frontend: pair,
  backend: pair,
});

describe("diagnostics of a snapshot", () => {
  const own = api("own", {
    diagnostic: diagnostic("of the api"),
    operations: [
      operation("a", { template: "/a" }),
      operation("b", { template: "/b", diagnostic: diagnostic("of the operation") }),
    ],
  });

  it("are an operation's own, else its API's, else those of all", () => {
    const { routes, diagnostics, unroutedDiagnostic } = compileSnapshot(
      definition({ diagnostic: diagnostic("of all"), apis: [api("plain"), own] }),
    );
    const loggers = routes.map((route) => diagnostics?.[route.diagnostic ?? -1]?.logger);
    assert.deepEqual(loggers, ["of all", "of the api", "of the operation"]);
    assert.equal(diagnostics?.[unroutedDiagnostic ?? -1]?.logger, "of all");
  });

  it("are nothing where nobody says so, and cost no traces then", () => {
    const snapshot = compileSnapshot(definition({ apis: [api("plain")] }));
    assert.deepEqual(
      [snapshot.diagnostics, snapshot.unroutedDiagnostic, snapshot.traces],
      [undefined, undefined, null],
    );
    const some = compileSnapshot(definition({ apis: [api("plain"), own] }));
    assert.deepEqual([some.routes[0]?.diagnostic, some.unroutedDiagnostic], [undefined, undefined]);
    assert.deepEqual(some.traces, { ratio: 0, parent: "follow", exported: false });
    const alone = api("alone", { diagnostic: diagnostic("x", "None") });
    assert.equal(compileSnapshot(definition({ apis: [alone] })).traces, null);
  });
});
