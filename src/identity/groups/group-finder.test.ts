import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sessionPrincipal } from "#identity/login/session-principal.ts";
import { ManualClock, providerOf } from "#identity/testing/doubles.ts";
import { GatewayError } from "#model/errors.ts";
import type { GroupLookup, GroupQuestion } from "#model/group-lookup.ts";
import { PrincipalGroups } from "./authenticate-groups.ts";
import { GroupFinder } from "./group-finder.ts";

const tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const question: GroupQuestion = { provider: "corp", tenant, id: "ann", kind: "user" };
const keepMs = 60_000;

class Directory {
  readonly clock = new ManualClock();
  readonly asked: string[] = [];
  groups: readonly string[] = ["a", "b"];
  down = false;
  readonly finder = new GroupFinder(async ({ id }) => {
    this.asked.push(id);
    const until = this.clock.now() + keepMs;
    await Promise.resolve();
    if (this.down) throw new GatewayError("idp-unreachable", 503, "down");
    return { groups: [...this.groups], until };
  }, this.clock);

  async groupsOf(asked: GroupQuestion = question): Promise<readonly string[]> {
    return (await this.finder.find(asked)).groups;
  }
}

describe("groups by person", () => {
  it("are asked for once at a time, and then known without a promise; others have their own", async () => {
    const directory = new Directory();
    const all = await Promise.all([directory.groupsOf(), directory.groupsOf(), directory.groupsOf()]);
    assert.deepEqual(
      [all, directory.asked],
      [
        [
          ["a", "b"],
          ["a", "b"],
          ["a", "b"],
        ],
        ["ann"],
      ],
    );
    assert.ok(!(directory.finder.find(question) instanceof Promise));
    for (const other of [{ id: "ben" }, { tenant: "t" }, { provider: "p" }, { kind: "application" } as const]) {
      await directory.groupsOf({ ...question, ...other });
    }
    assert.equal(directory.asked.length, 5);
  });

  it("are asked for again before they are too old, while requests go on, as one list as long as it says the same", async () => {
    const directory = new Directory();
    const first = await directory.groupsOf();
    directory.clock.advance(31_000);
    assert.equal(await directory.groupsOf(), first);
    await new Promise(setImmediate);
    assert.equal(directory.asked.length, 2);
    directory.clock.advance(40_000);
    directory.groups = ["a"];
    assert.equal(await directory.groupsOf(), first, "of the second answer, which said the same");
    await new Promise(setImmediate);
    assert.deepEqual(await directory.groupsOf(), ["a"]);
  });

  it("are none beyond their time, and a failure is not asked about at each request", async () => {
    const directory = new Directory();
    await directory.groupsOf();
    directory.down = true;
    directory.clock.advance(59_000);
    assert.deepEqual(await directory.groupsOf(), ["a", "b"]);
    await new Promise(setImmediate);
    directory.clock.advance(1001);
    await assert.rejects(directory.groupsOf(), { code: "idp-unreachable" });
    await assert.rejects(directory.groupsOf(), { code: "idp-unreachable" });
    assert.equal(directory.asked.length, 2);
    directory.down = false;
    directory.clock.advance(2000);
    assert.deepEqual(await directory.groupsOf(), ["a", "b"]);
  });

  it("of more people than there is room for at a time are refused", async () => {
    const directory = new Directory();
    const all = Array.from({ length: 300 }, (_, at) => directory.groupsOf({ ...question, id: String(at) }));
    const settled = await Promise.allSettled(all);
    assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 256);
  });
});

describe("a principal's groups", () => {
  const graph: GroupLookup = { when: "left-out", url: "u", keepMs, securityOnly: false, only: null };
  const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
  const provider = providerOf(issuer, { preset: "entra-id-v2", graph });
  const claims = { iss: issuer, sub: "pairwise", oid: "ann", tid: tenant, _claim_names: { groups: "src1" } };

  it("are those of the directory in a session too, one object as long as nothing changes", async () => {
    const directory = new Directory();
    const person = sessionPrincipal("handle", claims, provider);
    assert.ok(person !== null && person.groupsLeftOut === true);
    const groups = new PrincipalGroups(directory.finder, [provider]);
    const found = await groups.of(person);
    assert.ok(found !== null && !("reason" in found));
    const { principal } = found;
    assert.deepEqual(
      [principal.groups, principal.groupsLeftOut, principal.sessionId],
      [["a", "b"], undefined, "handle"],
    );
    const again = groups.of(person);
    assert.ok(again !== null && "principal" in again && again.principal === principal);
  });

  it("are the session's own where it has them, or where the directory here goes before", () => {
    const directory = new Directory();
    const users = { provision: false, required: false, groups: "directory" } as const;
    const whole = sessionPrincipal("handle", { ...claims, _claim_names: undefined, groups: ["x"] }, provider);
    const left = sessionPrincipal("handle", claims, provider);
    assert.ok(whole !== null && left !== null);
    assert.equal(new PrincipalGroups(directory.finder, [provider]).of(whole), null);
    assert.equal(new PrincipalGroups(directory.finder, [{ ...provider, users }]).of(left), null);
    assert.deepEqual(directory.asked, []);
  });
});
