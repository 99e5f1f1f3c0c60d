import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

const reasonOf = (outcome: ReturnType<typeof run>): string | undefined =>
  outcome?.kind === "refusal" ? outcome.reason : outcome?.kind;

describe("set-status", () => {
  it("sets the status, with the standard phrase when none is given", () => {
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(200, "OK", new HeaderList(), null, "upstream");
    run(policy("set-status", { code: 404 }), exchange, { section: "outbound" });
    assert.deepEqual([exchange.response.status, exchange.response.statusText], [404, "Not Found"]);
    run(policy("set-status", { code: cel("500 + 3"), reason: "Later" }), exchange, { section: "outbound" });
    assert.deepEqual([exchange.response.status, exchange.response.statusText], [503, "Later"]);
  });

  it("refuses what is no status or would split the response, and changes nothing then", () => {
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(200, "OK", new HeaderList(), null, "upstream");
    for (const args of [{ code: cel("199") }, { code: cel("600") }, { code: 204, reason: cel('"a\\r\\nb: c"') }]) {
      assert.equal(reasonOf(run(policy("set-status", args), exchange, { section: "outbound" })), "expression-failed");
      assert.equal(exchange.response.status, 200);
    }
  });

  it("does nothing while there is no response", () => {
    assert.equal(run(policy("set-status", { code: 404 }), exchangeFor()), undefined);
  });

  it("needs a code from 200 to 599, and has the standard phrase where XML gives no reason", () => {
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(200, "OK", new HeaderList(), null, "upstream");
    run(policyFromXml("on-error", '<set-status code="201" />'), exchange, { section: "on-error" });
    assert.deepEqual([exchange.response.status, exchange.response.statusText], [201, "Created"]);
    for (const text of ["<set-status />", '<set-status code="199" />', '<set-status code="600" />']) {
      assert.match(problemsOfXml("outbound", text).join(), /code/, text);
    }
  });
});
