import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anonymous, type Principal } from "#model/principal.ts";
import { mayAct, withActor } from "./acting.ts";

const issuer = "https://login.example.com";

function somebody(subject: string, more: Partial<Principal> = {}): Principal {
  return {
    ...anonymous,
    id: `${issuer}||${subject}`,
    kind: "service",
    issuer,
    subject,
    claims: { sub: subject },
    ...more,
  };
}

function actors(principal: Principal | null): string[] {
  const found: string[] = [];
  for (let one = principal?.actor; one !== undefined; one = one.actor) found.push(one.subject);
  return found;
}

describe("who acts for a principal", () => {
  const bot = somebody("bot", { clientId: "bot" });

  it("stands before those who acted already, and behind those who act for it", () => {
    const ann = somebody("ann", { actor: somebody("front", { actor: somebody("portal") }) });
    assert.deepEqual(actors(withActor(ann, bot)), ["bot", "front", "portal"]);
    const hired = somebody("bot", { clientId: "bot", actor: somebody("agency") });
    assert.deepEqual(actors(withActor(ann, hired)), ["bot", "agency", "front", "portal"]);
    assert.deepEqual(actors(ann), ["front", "portal"]);
    assert.deepEqual(actors(hired), ["agency"]);
  });

  it("is one where the provider has named the same, and not where another issuer has", () => {
    const named = somebody("ann", { actor: somebody("bot", { clientId: "bot", actor: somebody("front") }) });
    assert.deepEqual(actors(withActor(named, bot)), ["bot", "front"]);
    assert.equal(withActor(named, bot)?.actor?.kind, "service");
    const foreign = somebody("ann", { actor: somebody("bot", { issuer: "https://other.example", clientId: "bot" }) });
    assert.deepEqual(actors(withActor(foreign, bot)), ["bot", "bot"]);
  });

  it("is nobody where there are too many: a record names all of them or none", () => {
    const chain = (length: number): Principal | undefined =>
      length === 0 ? undefined : somebody(`s${length}`, { actor: chain(length - 1) as Principal });
    const acted = (length: number): Principal | null =>
      withActor(somebody("ann", { actor: chain(length) as Principal }), bot);
    assert.equal(actors(acted(7)).length, 8);
    assert.equal(acted(8), null);
  });

  it("is whom the caller's token allows, where it says so", () => {
    const claims = { sub: "b0b", iss: issuer };
    const agent = somebody("bot", { clientId: "bot", claims });
    for (const may_act of [{ sub: "b0b" }, { sub: "b0b", iss: issuer }, { client_id: "bot" }, undefined]) {
      assert.ok(mayAct(may_act === undefined ? {} : { may_act }, agent), JSON.stringify(may_act));
    }
    const refused = [
      { sub: "other" },
      { sub: "b0b", iss: "https://other.example" },
      { iss: issuer },
      {},
      "b0b",
      ["b0b"],
    ];
    for (const may_act of [...refused, null, { sub: ["b0b"] }, { client_id: "other" }, { sub: "b0b", aud: "x" }]) {
      assert.ok(!mayAct({ may_act }, agent), JSON.stringify(may_act));
    }
  });
});
