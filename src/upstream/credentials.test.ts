import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { BackendCredentials } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import { credentialsAdder } from "./add-credentials.ts";
import { backend, Cleanup, exchange, forwarder, httpUpstream, readAll, send } from "./forwarding.test-helper.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const credentials: BackendCredentials = {
  headers: [
    { name: "X-Key", secret: true, value: "ours" },
    { name: "x-key", value: "ours too" },
    { name: "Authorization", secret: true, value: "Basic dTpw" },
  ],
  query: [{ name: "code", secret: true, value: "a/b c&d" }],
};

/** What came, line by line. */
async function seen(made: Exchange): Promise<readonly string[]> {
  const { url } = await httpUpstream(cleanup, ({ method, url: target, rawHeaders }, response) => {
    response.end(JSON.stringify([`${method} ${target}`, ...rawHeaders]));
  });
  const via = forwarder(cleanup, { backends: [backend([url], { credentials })] });
  const { bytes } = await readAll((await send(via, made)).body);
  return JSON.parse(bytes.toString()) as string[];
}

describe("credentials of a backend", () => {
  it("stand where the client's values of those names were, in whatever spelling", async () => {
    const made = exchange({
      path: "/x",
      query: "a=1&%43ode=theirs&code=more&b=%2F",
      headers: ["x-KEY", "theirs", "Accept", "*/*", "authorization", "Bearer theirs"],
    });
    const lines = await seen(made);
    assert.equal(lines[0], "GET /x?a=1&b=%2F&code=a%2Fb%20c%26d");
    const fields = lines.slice(1, lines.length).join("|");
    assert.match(fields, /Accept\|\*\/\*\|X-Key\|ours\|x-key\|ours too\|Authorization\|Basic dTpw/);
    assert.doesNotMatch(fields, /theirs/);
    assert.deepEqual([made.request.query, made.request.headers.get("x-key")], [made.facts.query, "theirs"]);
  });

  it("are not in what a TRACE sends back to the client", async () => {
    assert.doesNotMatch((await seen(exchange({ method: "TRACE", query: "a=1" }))).join("|"), /ours|Basic|code/);
  });

  it("leave a query alone that they are not in, and make one where there is none", () => {
    const headersOnly = credentialsAdder({ headers: [], query: [] });
    assert.equal(headersOnly.toQuery("a=%zz&&b"), "a=%zz&&b");
    const { toQuery } = credentialsAdder({ headers: [], query: [{ name: "k", value: "v" }] });
    assert.deepEqual([toQuery(""), toQuery("K=1"), toQuery("k"), toQuery("%zz=1")], ["k=v", "k=v", "k=v", "%zz=1&k=v"]);
  });
});
