import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Activation } from "./activation.ts";
import { checkCel } from "./check.ts";
import { compileCel } from "./compile.ts";
import { exchangeFor, fixedClock } from "./exchange.test-helper.ts";

function valueOf(source: string): unknown {
  const exchange = exchangeFor([], { path: "/a/b", clientAddress: "10.1.2.3", host: "api.example.com" });
  return compileCel(source)(new Activation(exchange, fixedClock));
}

describe("texts in CEL", () => {
  it("give a group of the first match, or nothing", () => {
    assert.equal(valueOf('request.host.capture("^([^.]+)[.]", 1)'), "api");
    assert.equal(valueOf('request.host.capture("^(?P<name>[^.]+)[.]", "name")'), "api");
    assert.equal(valueOf('request.host.capture("^x(y)", 1)'), "");
    assert.match(checkCel('request.host.capture("a", 1)', "any")?.message ?? "", /number or the name of a group/);
  });

  it("are replaced by written texts with groups, and by computed ones as they are", () => {
    assert.equal(valueOf('request.path.replaceMatches("/(.)", "-$1")'), "-a-b");
    assert.equal(valueOf('request.path.replaceMatches("a", "$" + request.host)'), "/$api.example.com/b");
    assert.notEqual(checkCel('request.path.replaceMatches("a", 1)', "any"), undefined);
    assert.notEqual(checkCel("request.path.replaceMatches(request.host, request.path)", "any"), undefined);
  });

  it("are addresses of a network, or not", () => {
    assert.equal(valueOf('request.clientAddress.inNetwork("10.0.0.0/8")'), true);
    assert.equal(valueOf('request.clientAddress.inNetwork("10.1.2.4")'), false);
    assert.equal(valueOf('request.host.inNetwork("::/0")'), false);
    assert.match(checkCel('request.host.inNetwork("10.0.0.0/40")', "any")?.message ?? "", /range/);
  });
});
