import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import type { Outcome } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { EgressResponse } from "#model/ports.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import type { AuthQuestion } from "#policy/context.ts";
import { exchangeFor, policy, portsWith, start } from "#policy/policy.test-helper.ts";

const uri = "https://auth.test/verify";

interface Asked {
  readonly exchange: Exchange;
  readonly outcome: Outcome;
  readonly questions: readonly AuthQuestion[];
}

/** The service's answer is made up here; test/forward-auth/client.test.ts asks real ones. */
async function ask(
  args: Parameters<typeof policy>[1],
  answer: EgressResponse | GatewayError,
  headers: readonly string[] = [],
): Promise<Asked> {
  const questions: AuthQuestion[] = [];
  const exchange = exchangeFor();
  exchange.request.headers = new HeaderList([...headers]);
  const ports = portsWith({
    askAuthService: async (_exchange, question) => {
      questions.push(question);
      if (answer instanceof GatewayError) throw answer;
      return answer;
    },
  });
  const outcome = await start([policy("forward-auth", { uri, ...args })], exchange, { ports });
  return { exchange, outcome, questions };
}

const ok = (...fields: string[]): EgressResponse => ({
  status: 200,
  headers: new HeaderList(fields),
  body: new Uint8Array(),
});

describe("forward-auth", () => {
  it("asks as the definition says, by default with the client's Host", async () => {
    const { questions, outcome } = await ask({}, ok());
    assert.equal(outcome, undefined);
    assert.deepEqual(questions, [{ url: uri, preserveHost: true, timeoutMs: 5000, maxBytes: 65_536 }]);
  });

  const copyHeaders = ["Remote-User", "X-Email>Remote-Email"];

  it("replaces the client's fields by those of a 2xx, all of them, under their new names", async () => {
    const answered = ok("remote-user", "ann", "X-EMAIL", "a@test", "x-email", "b@test", "X-Other", "no");
    const { exchange } = await ask({ copyHeaders }, answered, ["Remote-User", "root", "X-Email", "kept"]);
    assert.deepEqual(exchange.request.headers.raw, [
      "X-Email",
      "kept",
      "Remote-User",
      "ann",
      "Remote-Email",
      "a@test",
      "Remote-Email",
      "b@test",
    ]);
  });

  it("takes the client's away where the answer has none, in every spelling, and its trailers", async () => {
    const spellings = ["Remote-User", "remote-user", "REMOTE_USER", "remote.user", "Remote_Email", "Remote.Email"];
    const { exchange } = await ask(
      { copyHeaders },
      ok(),
      spellings.flatMap((name) => [name, "root"]).concat("X-Kept", "1"),
    );
    assert.deepEqual(exchange.request.headers.raw, ["X-Kept", "1"]);
    assert.equal(exchange.request.dropTrailers, true);
  });

  it("refuses with the service's own answer for everything else, and copies nothing", async () => {
    for (const status of [300, 302, 401, 403, 404, 500]) {
      const headers = new HeaderList(["Location", "/login", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]);
      const answer = { status, headers, body: Buffer.from("log in") };
      const { exchange, outcome } = await ask({ copyHeaders }, answer, ["Remote-User", "root"]);
      assert.equal(outcome?.kind, "refusal");
      assert.deepEqual(
        [outcome.reason, outcome.status, outcome.answer?.body],
        ["auth-service-denied", status, answer.body],
      );
      assert.deepEqual(outcome.answer?.headers.raw, headers.raw);
      assert.deepEqual(exchange.request.headers.raw, ["Remote-User", "root"]);
    }
  });

  for (const [code, thrown, status] of [
    ["upstream-connect-failed", 502, 502],
    ["upstream-unavailable", 503, 503],
    ["upstream-timeout", 504, 504],
    ["egress-refused", 502, 502],
    ["internal", 500, 502],
  ] as const) {
    it(`fails closed with ${status} on ${code}`, async () => {
      const { outcome } = await ask({}, new GatewayError(code, thrown, "no answer"));
      assert.equal(outcome?.kind, "refusal");
      assert.deepEqual([outcome.reason, outcome.status, outcome.detail], ["auth-service-failed", status, "no answer"]);
    });
  }

  const check = (args: Parameters<typeof policy>[1]): string | undefined =>
    catalogue.get("forward-auth")?.check?.(policy("forward-auth", { uri, ...args }).args)?.message;

  it("may copy what is nobody else's", () => {
    assert.equal(check({ copyHeaders: ["X-Auth-Request-User > Remote-User", "Authorization", "Cookie"] }), undefined);
  });

  for (const name of ["Host", "Content-Length", "Transfer-Encoding", "connection", "A>TE", "Upgrade", "A>Keep-Alive"]) {
    it(`may not copy ${name}`, () => assert.notEqual(check({ copyHeaders: [name] }), undefined));
  }
  for (const name of ["X-Auth-Request-User", "A>X-Sallyport-Subscription", "x_auth_request_user", "X-Forwarded-For"]) {
    it(`may not speak for the gateway by ${name}`, () => {
      assert.match(check({ copyHeaders: [name] }) ?? "", /written by this gateway alone/);
    });
  }
  for (const name of ["", "a b", "a>", ">b", "a>b>c", "a:b"]) {
    it(`${JSON.stringify(name)} is no name`, () => assert.notEqual(check({ copyHeaders: [name] }), undefined));
  }
  for (const bad of [
    "auth.test/verify",
    "ftp://auth.test/",
    "https://u:p@auth.test/",
    "https://auth.test/#x",
    "https://a b/",
  ]) {
    it(`${bad} is no destination`, () => assert.notEqual(check({ uri: bad }), undefined));
  }
});
