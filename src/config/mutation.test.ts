import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";
import { renderDefinition } from "./render/render.ts";

const seedText: string = readFileSync(join(import.meta.dirname, "..", "..", "demo", "sallyport.yaml"), "utf8");
const pieces: readonly string[] = [
  "{{",
  "}}",
  "${",
  "[",
  "]",
  "{",
  "}",
  ": ",
  "- ",
  "*a",
  "&a ",
  "!!set ",
  "\n",
  "\t",
  '"',
  "'",
  "null",
  "-1",
  "\u0000",
  "é",
  "|",
  "? ",
  "<<: ",
  "#",
];

/** Small and repeatable. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(text: string, random: (below: number) => number): string {
  let result = text;
  for (let count = 1 + random(4); count > 0; count -= 1) {
    const at = random(result.length);
    const piece = pieces[random(pieces.length)] ?? "";
    const dropped = random(3) === 0 ? random(40) : 0;
    result = result.slice(0, at) + piece + result.slice(at + dropped);
  }
  return result;
}

it("never throws, whatever the text is", async () => {
  let refused = 0;
  for (let seed = 1; seed <= 400; seed += 1) {
    const text = mutate(seedText, randomOf(seed));
    const openapi = mutate("openapi: 3.1.0\npaths: { /: { get: { responses: {} } } }\n", randomOf(seed + 1000));
    const { definition, diagnostics } = await loadText(text, { files: { "orders.openapi.yaml": openapi } });
    if (definition === null) refused += 1;
    assert.equal(
      definition === null,
      diagnostics.some(({ severity }) => severity === "error"),
      `seed ${seed}`,
    );
  }
  assert.ok(refused > 100);
});

const environments = `version: 1
edge: { listen: { https: ":8443", http: ":8080" } }
apis:
  orders:
    path: /orders
    hosts: [orders.example]
    backend: orders
    access: public
    policies:
      inbound:
      - base
      - &limit { id: one, rate-limit-by-key: { calls: "{{calls}}", period: 60s, key: "\${request.clientAddress}" } }
  other: { path: /other, backend: orders, access: public, policies: { inbound: [base, *limit] } }
backends:
  orders: { url: "{{url}}", headers: { X-From: gateway } }
environments:
  base: { values: { url: "https://a.example", calls: 5 } }
  staging:
    extends: base
    hosts: { orders: [staging.example] }
    backends: { orders: { urls: ["https://b.example"], tls: { serverName: x.example } } }
  prod:
    extends: staging
    edge: { listen: { https: ":443" } }
    exceptions:
      slow: { api: orders, section: inbound, policy: rate-limit-by-key, id: one, argument: calls, value: 3, reason: r, approvedBy: a, until: 9999-12-31 }
`;

it("never throws with environments, and whatever loads can be written out as one of them", async () => {
  let loaded = 0;
  for (let seed = 0; seed <= 600; seed += 1) {
    const text = seed === 0 ? environments : mutate(environments, randomOf(seed * 7919));
    const { definition } = await loadText(text, { environment: "prod" });
    if (definition === null) continue;
    loaded += 1;
    const readFile = async (): Promise<Uint8Array> => Buffer.from(text);
    const options = { file: "/gateway/sallyport.yaml", environment: "prod", variables: {}, readFile };
    const { kind } = await renderDefinition(options, options.file);
    assert.equal(kind, "rendered", `seed ${seed}:\n${text}`);
  }
  assert.ok(loaded > 5);
});
