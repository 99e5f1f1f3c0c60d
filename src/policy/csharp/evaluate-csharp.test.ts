import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Argument } from "#model/policy-tree.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { evaluationMessage } from "#notation/csharp/compile.ts";
import { readsOfArgument } from "#notation/policies/body-reads.ts";
import { exchangeFor, fixedClock, policies, policy, run } from "#policy/policy.test-helper.ts";
import { evaluateString } from "#policy/values.ts";
import { setExpressionTime } from "./expression-limits.ts";

function csharp(source: string): Extract<Argument, { kind: "expression" }> {
  return { kind: "expression", expression: { language: "csharp", source, at: { file: "p.xml", line: 1, column: 1 } } };
}

const text = (code: string, exchange = exchangeFor(["X-Role", "a", "x-role", "b"])): string =>
  evaluateString(csharp(`@(${code})`), fixedClock)(exchange);

function withBody(body: string, headers: string[] = []): Exchange {
  const exchange = exchangeFor(headers);
  exchange.request.body = Buffer.from(body);
  return exchange;
}

describe("C# expressions of policies", () => {
  it("see the request", () => {
    assert.equal(text('context.Request.Method + context.Request.Headers.GetValueOrDefault("X-ROLE")'), "GETa,b");
    assert.equal(
      text("context.Request.OriginalUrl.ToString()", exchangeFor([], { target: "/orders/7?a=1&a=2&b=x%20y" })),
      "https://api.example.com/orders/7?a=1&a=2&b=x%20y",
    );
    assert.equal(text('context.Request.Url.Query.GetValueOrDefault("b")'), "x y");
    assert.equal(text("context.Request.IpAddress + context.Request.Body"), "192.0.2.1");
    assert.equal(text("context.Timestamp.Year > 1900 && context.Elapsed >= TimeSpan.Zero"), "True");
    assert.equal(text("context.Product?.Name ?? context.User?.Id ?? context.Subscription?.Id"), "");
  });

  it("read bodies, which are gone unless they are preserved", () => {
    const exchange = withBody('{"a":{"b":[1,2.0]}}');
    assert.equal(
      text('context.Request.Body.As<JObject>(preserveContent: true)["a"]["b"][1].ToString()', exchange),
      "2",
    );
    assert.equal(text("context.Request.Body.As<string>()", exchange), '{"a":{"b":[1,2.0]}}');
    assert.throws(() => text("context.Request.Body.As<string>()", exchange), /InvalidOperationException/);
    assert.equal(text("context.Request.Body.As<string>()", withBody("\u00e4", [])), "ä");
    const latin = withBody("", ["Content-Type", "text/plain; charset=iso-8859-1"]);
    latin.request.body = Uint8Array.of(0xe4);
    assert.equal(text("context.Request.Body.As<string>(true)", latin), "ä");
  });

  it("are known to read bodies before they run", () => {
    assert.deepEqual(readsOfArgument(csharp('@(context.Request.Body.As<JObject>()["a"])')), {
      request: true,
      response: false,
    });
    assert.deepEqual(readsOfArgument(csharp("@(context.Response.Body.As<string>())")), {
      request: false,
      response: true,
    });
    assert.deepEqual(readsOfArgument(csharp("@(context.Request.Method)")), { request: false, response: false });
  });

  it("keep types in variables", () => {
    const exchange = exchangeFor();
    run(policy("set-variable", { name: "n", value: csharp("@(5)") }), exchange);
    run(policy("set-variable", { name: "o", value: csharp('@(new JObject(new JProperty("a", 1)))') }), exchange);
    run(policy("set-variable", { name: "s", value: "5" }), exchange);
    assert.equal(text('context.Variables.GetValueOrDefault<int>("n") + 1', exchange), "6");
    assert.equal(text('((JObject)context.Variables["o"])["a"]', exchange), "1");
    assert.equal(text('(string)context.Variables["s"] + context.Variables.ContainsKey("x")', exchange), "5False");
  });

  it("see what other policies have left in variables", () => {
    const exchange = exchangeFor();
    const body = Buffer.from('{"k":"v"}');
    exchange.setVariable("r", new ReceivedResponse(201, "Created", new HeaderList(["X-A", "b"]), body));
    exchange.setVariable("jwt", { sub: "me", roles: ["a", "b"], exp: 1_700_000_000 });
    assert.equal(text('((IResponse)context.Variables["r"]).StatusCode', exchange), "201");
    assert.equal(text('((IResponse)context.Variables["r"]).Headers.GetValueOrDefault("x-a")', exchange), "b");
    assert.equal(text('((IResponse)context.Variables["r"]).Body.As<JObject>()["k"]', exchange), "v");
    assert.throws(() => text('((IResponse)context.Variables["r"]).Body.As<JObject>()', exchange), /InvalidOperation/);
    assert.equal(text('string.Join("|", ((Jwt)context.Variables["jwt"]).Claims["roles"])', exchange), "a|b");
    assert.equal(
      text('((Jwt)context.Variables["jwt"]).ExpirationTime?.ToString("s")', exchange),
      "2023-11-14T22:13:20",
    );
  });

  it("see where the gateway stands, and which version and revision answers", () => {
    const exchange = exchangeFor();
    exchange.deployment = { region: "West Europe", serviceName: "contoso", gatewayId: "managed" };
    exchange.api = {
      name: "orders",
      displayName: "Orders",
      path: "/orders",
      trustedProxies: [],
      subscriptionKey: { header: "key", query: "key", forward: false },
      errors: "problem",
      retryMethods: null,
      version: "v2",
      revision: { number: 3, current: false },
    };
    assert.equal(
      text('context.Deployment.Region + "," + context.Deployment.Gateway.IsManaged', exchange),
      "West Europe,True",
    );
    const api = 'context.Api.Version + "," + context.Api.Revision + "," + context.Api.IsCurrentRevision';
    assert.equal(text(api, exchange), "v2,3,False");
  });

  it("decide, and tell policies what failed, the record only its kind", () => {
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(503, "", new HeaderList(), null, "upstream");
    const choose = policy("choose", {
      when: [
        {
          condition: csharp("@(context.Response.StatusCode >= 500)"),
          policies: policies(policy("set-variable", { name: "hit", value: csharp("@(true)") })),
        },
      ],
    });
    assert.equal(run(choose, exchange, { section: "outbound" }), undefined);
    assert.equal(exchange.variables?.get("hit"), true);
    const outcome = run(policy("set-variable", { name: "x", value: csharp('@(int.Parse("secret"))') }), exchange);
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
    assert.match(JSON.stringify(exchange.trail), /FormatException/);
    assert.doesNotMatch(JSON.stringify(exchange.trail), /secret/);
    assert.equal(text("context.LastError.Reason", exchange), "ExpressionValueEvaluationFailure");
    assert.match(
      text("context.LastError.Message", exchange),
      /^Expression evaluation failed. The input string 'secret'/,
    );
  });
});

describe("what the expressions of one request may use together", () => {
  const turns = (count: number): string => `@{ var n = 0; while (n < ${count}) n++; return n; }`;
  const evaluate = (code: string, exchange: Exchange): string => {
    try {
      return String(evaluateString(csharp(code), fixedClock)(exchange));
    } catch (error) {
      return evaluationMessage(error) ?? "no evaluation";
    }
  };

  it("is five times the steps of one, also where they are the turns of a retry", () => {
    const exchange = exchangeFor([]);
    const often = Array.from({ length: 8 }, () => evaluate(turns(400_000), exchange));
    const tooMany = "Expression evaluation failed. the expression takes too many steps";
    assert.deepEqual(often, [...Array.from({ length: 6 }, () => "400000"), tooMany, tooMany]);
    assert.equal(evaluate("@(1 + 1)", exchange), "2", "what takes no steps goes on: on-error, say");
    assert.equal(evaluate(turns(400_000), exchangeFor([])), "400000", "another request has its own");
  });

  it("is five times the time of one, of the thread's own", () => {
    const dear = '@{ while (true) DateTime.Parse("2026-01-02T03:04:05Z").ToString("R"); return 1; }';
    setExpressionTime(4);
    try {
      evaluate(dear, exchangeFor([]));
      const exchange = exchangeFor([]);
      const before = process.threadCpuUsage();
      for (let nth = 0; nth < 40; nth += 1) assert.match(evaluate(dear, exchange), /the expression takes too long$/);
      const { user, system } = process.threadCpuUsage(before);
      assert.ok(exchange.expressionMs > 18 && exchange.expressionMs < 100, String(exchange.expressionMs));
      // Forty of 4 ms would be 160; what each costs before it looks at the clock comes on top.
      assert.ok((user + system) / 1000 < 130, String(user + system));
    } finally {
      setExpressionTime(100);
    }
  });
});
