import assert from "node:assert/strict";
import { it } from "node:test";
import { exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

it("cross-domain answers for its file, and for nothing else", () => {
  const node = policy("cross-domain", { policy: "<cross-domain-policy/>" });
  const answer = run(node, exchangeFor([], { path: "/crossdomain.xml" }), { scope: "global" });
  assert.ok(answer?.kind === "answer");
  assert.deepEqual(
    [answer.status, answer.headers.get("content-type"), String(answer.body)],
    [200, "text/x-cross-domain-policy", "<cross-domain-policy/>"],
  );
  assert.equal(run(node, exchangeFor([], { path: "/a/crossdomain.xml" }), { scope: "global" }), undefined);
  assert.equal(
    run(node, exchangeFor([], { path: "/crossdomain.xml", method: "POST" }), { scope: "global" }),
    undefined,
  );
});
