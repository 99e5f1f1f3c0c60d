import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PolicyPorts } from "#policy/context.ts";
import { linkSingle } from "#policy/link.ts";
import { exchangeFor, policy, portsWith } from "#policy/policy.test-helper.ts";
import { runSection } from "#policy/runner.ts";

const found: NonNullable<PolicyPorts["findFile"]> = (ending) =>
  ending === 1 ? async (path) => (path === "/there" ? "/there.html" : null) : null;

async function look(path: string, ending: string, before?: string): Promise<unknown> {
  const exchange = exchangeFor();
  exchange.request.path = path;
  if (before !== undefined) exchange.setVariable("page", before);
  const node = policy("find-file", { ending, outputVariable: "page" });
  const ports = portsWith({ endings: ["moved", "pages"], findFile: found });
  await runSection([linkSingle(node, "api", "inbound", ports)], exchange);
  return exchange.variables?.get("page");
}

describe("find-file", () => {
  it("tells the path of what is there, by the path that the request has by then", async () => {
    assert.equal(await look("/there", "pages"), "/there.html");
  });

  it("leaves nothing of an earlier look where nothing is there", async () => {
    assert.equal(await look("/gone", "pages", "/earlier"), "");
  });

  it("of an ending that is none, or has no files, is never linked", async () => {
    for (const ending of ["other", "moved"]) {
      await assert.rejects(look("/there", ending), { code: "definition-invalid" });
    }
  });
});
