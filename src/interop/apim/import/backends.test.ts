import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import type { Artifacts } from "./artifacts.ts";
import { backendUrl } from "./backend-url.ts";
import { importFolder, type Imported } from "./import-folder.ts";
import { isoSeconds } from "./iso-duration.ts";

interface Definition {
  readonly backends: Readonly<Record<string, unknown>>;
  readonly environments?: unknown;
}

function importFiles(
  files: Readonly<Record<string, object>>,
  configurations: Readonly<Record<string, string>> = {},
): Imported {
  const texts = Object.entries(files).map(([name, properties]) => [name, JSON.stringify({ properties })] as const);
  const artifacts: Artifacts = {
    folder: "in",
    texts: new Map(texts),
    configurations: new Map(Object.entries(configurations)),
    unread: new Map(),
  };
  return importFolder(artifacts, {}, []);
}

function definitionOf({ files }: Imported): Definition {
  return parse(files.get("sallyport.yaml") ?? "") as Definition;
}

const breaker = (extra: object = {}) => ({
  rules: [
    {
      tripDuration: "PT1M30S",
      acceptRetryAfter: true,
      failureCondition: {
        count: 3,
        interval: "PT1H",
        statusCodeRanges: [
          { min: 429, max: 429 },
          { min: 500, max: 599 },
        ],
        errorReasons: ["Timeout"],
        ...extra,
      },
    },
  ],
});

describe("backends", () => {
  it("have their circuit breakers, and pools their members", () => {
    const imported = importFiles({
      "backends/a/backendInformation.json": { url: "https://a.example.com/v1/", circuitBreaker: breaker() },
      "backends/b/backendInformation.json": { url: "https://b.example.com", circuitBreaker: breaker() },
      "backends/both/backendInformation.json": {
        type: "Pool",
        pool: {
          services: [
            { id: "/backends/a", priority: 0, weight: 4 },
            { id: "/subscriptions/1/backends/B", priority: 1 },
          ],
        },
      },
    });
    const circuitBreaker = {
      failures: 3,
      interval: "3600s",
      status: ["429", "500-599"],
      errors: true,
      trip: "90s",
      acceptRetryAfter: true,
    };
    assert.deepEqual(definitionOf(imported).backends, {
      a: { url: "https://a.example.com/v1", circuitBreaker },
      b: { url: "https://b.example.com", circuitBreaker },
      both: {
        targets: [
          { backend: "a", weight: 4, priority: 1 },
          { backend: "b", priority: 2 },
        ],
      },
    });
    assert.deepEqual(imported.report.unsupported, []);
  });

  it("say what they lose", () => {
    const { report } = importFiles({
      "backends/a/backendInformation.json": {
        url: "https://a.example.com",
        tls: { validateCertificateChain: false },
        circuitBreaker: breaker({ interval: "P2D" }),
      },
      "backends/pool/backendInformation.json": { type: "Pool", pool: { services: [{ id: "/backends/gone" }] } },
    });
    const all = report.unsupported.map(({ message }) => message).join("\n");
    for (const part of [/unverified/, /no circuit breaker/, /backends\/gone/, /left out/]) {
      assert.match(all, part);
    }
  });

  it("show what they showed: named values as they are, what is written out from a file, the rest from the environment", () => {
    const imported = importFiles(
      {
        "backends/a/backendInformation.json": {
          url: "https://a.example.com",
          credentials: {
            header: { "x-functions-key": ["{{key}}"], "x-two": ["one-secret", "another"] },
            query: { code: ["{#code#}"], v: ["1"] },
            authorization: { scheme: "Basic", parameter: "dTpw" },
          },
        },
        "backends/b/backendInformation.json": { url: "https://b.example.com" },
        "backends/pool/backendInformation.json": {
          type: "Pool",
          pool: { services: [{ id: "/backends/a" }, { id: "/backends/b" }] },
        },
      },
      {
        dev: "backends: [{ name: a, properties: { credentials: { query: { v: ['2'] } } } }]",
        prod: "apimServiceName: x",
      },
    );
    const { backends } = definitionOf(imported);
    assert.deepEqual(backends["a"], {
      url: "https://a.example.com",
      headers: {
        "x-functions-key": "{{key}}",
        "x-two": [{ file: "./secrets/a-header-x-two.credential" }, { file: "./secrets/a-header-x-two-2.credential" }],
      },
      query: { code: { env: "CODE" }, v: { env: "A_QUERY_V" } },
      authorization: { scheme: "Basic", parameter: { file: "./secrets/a-authorization.credential" } },
    });
    assert.equal(imported.secrets.get("secrets/a-authorization.credential"), "dTpw\n");
    assert.deepEqual(
      imported.report.needs.map(({ name }) => name),
      ["CODE", "A_QUERY_V"],
    );
    assert.deepEqual(backends["pool"], { targets: [{ backend: "a" }, { backend: "b" }] });
    assert.deepEqual(imported.report.unsupported, []);
    assert.doesNotMatch(imported.files.get("sallyport.yaml") ?? "", /dTpw|one-secret/);
  });

  it("differ between environments by a value", () => {
    const imported = importFiles(
      { "backends/a/backendInformation.json": { url: "https://a.example.com" } },
      {
        dev: "backends: [{ name: A, properties: { url: 'http://dev.example.com/x' } }]",
        prod: "apimServiceName: x\nloggers: [{ name: l, properties: { isBuffered: true } }]",
      },
    );
    const { backends, environments } = definitionOf(imported);
    assert.deepEqual(backends, { a: { url: "{{a-url}}", host: "upstream" } });
    assert.deepEqual(environments, {
      dev: { values: { "a-url": "http://dev.example.com/x" } },
      prod: { values: { "a-url": "https://a.example.com" } },
    });
    assert.deepEqual(imported.report.notes, [
      { from: "configuration.prod.yaml", message: "loggers l: isBuffered not carried over" },
      { from: "configuration.prod.yaml", message: "loggers l: the folder has none of this name" },
    ]);
  });
});

describe("backendUrl", () => {
  it("makes URLs that a backend can have", () => {
    assert.deepEqual(backendUrl("wss://a.example.com/x/"), { url: "https://a.example.com/x" });
    assert.deepEqual(backendUrl("grpc://a.example.com:90"), { url: "http://a.example.com:90" });
    assert.equal(backendUrl("https://a.example.com/?code=1").url, "https://a.example.com");
    for (const none of ["", "a.example.com", "https://${host}/", "https://u:p@a.example.com"]) {
      const { url, problem } = backendUrl(none);
      assert.deepEqual([url, problem !== undefined], ["http://unknown.invalid", true], none);
    }
  });
});

describe("isoSeconds", () => {
  it("reads what circuit breakers have", () => {
    assert.deepEqual(["PT1M", "PT1H30M", "P1DT1S", "PT10.5S", "P1M", "PT", "1m", ""].map(isoSeconds), [
      60,
      5400,
      86_401,
      10,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
