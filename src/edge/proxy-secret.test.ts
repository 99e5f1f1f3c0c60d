import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { get } from "node:http";
import { describe, test } from "node:test";
import { run, type Running } from "./harness.test.ts";

const fdid = "b2a1c3d4-0000-4000-8000-1234567890ab";
const proxySecret = { header: "x-azure-fdid", secret: true, value: hash("sha256", fdid, "base64") } as const;

async function withEdge(body: (edge: Running) => Promise<void>): Promise<void> {
  const edge = await run({ proxySecret, trustedProxies: ["192.0.2.0/24"] });
  try {
    await body(edge);
  } finally {
    await edge.stop();
  }
}

/** Fields as they are, twice where they are given twice. */
function ask(port: number, fields: readonly (readonly [string, string])[]): Promise<number> {
  const headers = ["Host", "a.test", "Connection", "close", ...fields.flat()];
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, headers, setHost: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    }).on("error", reject);
  });
}

describe("the proxy in front proves itself by a secret", () => {
  for (const [what, fields] of [
    ["no secret", []],
    ["another one", [["X-Azure-FDID", `${fdid}0`]]],
    ["an empty one", [["X-Azure-FDID", ""]]],
    [
      "two of them",
      [
        ["X-Azure-FDID", fdid],
        ["x-azure-fdid", fdid],
      ],
    ],
    ["the secret in another field", [["X-Azure-Ref", fdid]]],
  ] as const) {
    test(`refuses ${what}, also from an address`, () =>
      withEdge(async ({ http, refusals, exchanges }) => {
        assert.equal(await ask(http, fields), 403);
        assert.equal(refusals[0]?.reason, "proxy-not-trusted");
        assert.equal(exchanges.length, 0);
        assert.equal(JSON.stringify(refusals).includes(fdid), false);
      }));
  }

  test("with it, the proxy's word on the client is believed, and the secret goes no further", () =>
    withEdge(async ({ http, exchanges }) => {
      const chain = "198.51.100.1, 203.0.113.9, 192.0.2.7";
      assert.equal(
        await ask(http, [
          ["x-azure-fdid", fdid],
          ["X-Forwarded-For", chain],
        ]),
        200,
      );
      const facts = exchanges[0]?.facts ?? assert.fail();
      assert.deepEqual([facts.peerTrusted, facts.clientAddress], [true, "203.0.113.9"]);
      assert.equal(facts.headers.has("x-azure-fdid"), false);
      assert.equal(facts.headers.get("x-forwarded-for"), chain);
    }));
});
