import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { AccessRequest } from "#model/access-requests.ts";
import type { Approval, ApproverPlan, PartyRule } from "#model/approvals.ts";
import { refuse } from "#model/decision.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import type { Store } from "#storage/interfaces.ts";
import { openSqliteStore } from "#storage/sqlite/sqlite-store.ts";
import { onThisThread } from "#storage/store-contract.test-helper.ts";
import type { AccessOutcome } from "./access-outcome.ts";
import { type AccessCaller, type AccessEvent, AccessRequests, type KnownUser } from "./access-requests.ts";

const minute = 60_000;
const hour = 60 * minute;
const leads: PartyRule = { kind: "group", group: "leads" };
const security: PartyRule = { kind: "group", group: "security" };

function approval(approvers: ApproverPlan, parts: Partial<Approval> = {}): Approval {
  return {
    name: "payroll",
    description: "",
    opens: ["payroll"],
    maxDurationMs: 8 * hour,
    answerWithinMs: 24 * hour,
    requesters: [],
    approvers,
    breakGlass: null,
    mailTo: [],
    at: { file: "sallyport.yaml", line: 1, column: 1 },
    ...parts,
  };
}

function user(id: string, parts: Partial<Principal> = {}): Principal {
  return { ...anonymous, id, kind: "user", issuer: "corp", subject: id, email: `${id}@example.com`, ...parts };
}

const as = (principal: Principal, parts: Partial<AccessCaller> = {}): AccessCaller => ({
  principal,
  isViewer: false,
  isOperator: false,
  ...parts,
});

const ann = user("ann");
const carl = user("carl", { groups: ["leads"] });
const cora = user("cora", { groups: ["leads"] });
const sam = user("sam", { groups: ["security"] });
const dora = user("dora");
const wants = { approval: "payroll", reason: "month end", durationMs: hour };

let store: Store;
let access: AccessRequests;
let now: number;
let approvals: Approval[];
let events: AccessEvent[];
/** What messages were written about. */
let written: AccessEvent[];
let published: string[];
let ids: number;
/** Users of the directory by the subject that they have at their provider. */
let users: Map<string, KnownUser>;
/** Who is revoked or blocked by now. */
let gone: Set<string>;
/** What the directory says by now of whom it knows. */
let groupsNow: Map<string, readonly string[]>;

beforeEach(() => {
  store = onThisThread(openSqliteStore(":memory:"));
  [now, events, written, published, ids] = [1_700_000_000_000, [], [], [], 0];
  approvals = [approval({ kind: "anyOf", rules: [leads] })];
  users = new Map();
  gone = new Set();
  groupsNow = new Map();
  access = new AccessRequests({
    store: store.access,
    approvals: () => approvals,
    fits: (rule, { id, groups, roles }) => {
      if (rule.kind === "group") return groups.includes(rule.group);
      if (rule.kind === "role") return roles.includes(rule.role);
      return rule.kind === "principal" && rule.id === id;
    },
    standing: (principal) => (gone.has(principal.id) ? refuse("principal-revoked") : principal),
    standingOfAbsent: (principal) => (gone.has(principal.id) ? null : principal),
    standingOfVoter: ({ id }) => (gone.has(id) ? null : { groups: groupsNow.get(id) ?? null }),
    userOf: async ({ subject }) => users.get(subject) ?? null,
    clock: { now: () => now },
    newId: () => `r${String((ids += 1)).padStart(4, "0")}`,
    onGrants: async (grantee) => void published.push(grantee),
    messages: (event) => {
      written.push(event);
      return [];
    },
    onStep: (event) => void events.push(event),
  });
});
afterEach(() => store.close());

function valueOf<T>(outcome: AccessOutcome<T>): T {
  assert.equal(outcome.kind, "done", JSON.stringify(outcome));
  return (outcome as { value: T }).value;
}

async function reasonOf(outcome: Promise<AccessOutcome<unknown>>): Promise<string> {
  const found = await outcome;
  return found.kind === "refused" ? found.reason : "done";
}

async function ask(who: Principal = ann): Promise<AccessRequest> {
  return valueOf(await access.request(as(who), wants));
}

describe("access requests", () => {
  it("are granted by one approver, for as long as was asked, and end by themselves", async () => {
    const { id, state } = await ask();
    assert.equal(state, "pending");
    assert.deepEqual(published, [], "nothing is in force");
    now += minute;
    const granted = valueOf(await access.approve(as(carl), id, "fine"));
    assert.deepEqual([granted.state, granted.startsAt, granted.endsAt], ["active", now, now + hour]);
    assert.deepEqual(published, ["ann"]);
    now += hour - 1;
    assert.equal(await access.tick(), granted.endsAt);
    now += 1;
    assert.equal(await access.tick(), null);
    const over = valueOf(await access.get(as(ann), id));
    assert.equal(over.state, "expired");
    assert.deepEqual(
      over.steps.map(({ step, by, comment }) => [step, by?.id, comment]),
      [
        ["request", "ann", "month end"],
        ["grant", "carl", "fine"],
        ["expire", undefined, ""],
      ],
    );
    assert.equal(published.length, 2);
    assert.deepEqual(
      events.map(({ step }) => step.step),
      ["request", "grant", "expire"],
    );
  });

  it("are never decided by oneself, in no guise", async () => {
    const lead = user("ann", { groups: ["leads"] });
    const { id } = await ask(lead);
    assert.equal(await reasonOf(access.approve(as(lead), id, "")), "approver-not-allowed");
    assert.equal(
      await reasonOf(access.approve(as(lead, { isOperator: true, isViewer: true }), id, "")),
      "approver-not-allowed",
    );
    const sameAddress = user("ann-admin", { groups: ["leads"], email: "ANN@example.com" });
    assert.equal(await reasonOf(access.approve(as(sameAddress), id, "")), "access-request-unknown");
    const agentOfCarl = { ...carl, actor: user("bot") };
    assert.equal(await reasonOf(access.approve(as(agentOfCarl), id, "")), "access-request-unknown");
    const holderOfKey = user("key-owner", { authMethod: "subscription-key", groups: ["leads"] });
    assert.equal(await reasonOf(access.approve(as(holderOfKey), id, "")), "access-request-unknown");
  });

  it("are not decided under another identity of the same user, nor by whom that has delegated to", async () => {
    const admin = user("ann-admin", { groups: ["leads"], email: "other@example.com" });
    for (const subject of ["ann", "ann-admin"]) users.set(subject, { id: "ann", isActive: true });
    const { id } = await ask();
    assert.equal(await reasonOf(access.approve(as(admin), id, "")), "access-request-unknown");
    assert.deepEqual(await access.waiting(as(admin)), []);
    valueOf(await access.delegate(as(admin), { to: "dora", approval: null, durationMs: hour }));
    assert.equal(await reasonOf(access.approve(as(dora), id, "")), "access-request-unknown");
    assert.equal(await reasonOf(access.approve(as(carl), id, "")), "done");
  });

  it("are nothing for users who are blocked here", async () => {
    const { id } = await ask();
    users.set("carl", { id: "carl", isActive: false });
    assert.equal(await reasonOf(access.approve(as(carl), id, "")), "user-blocked");
    assert.deepEqual(await access.waiting(as(carl)), []);
    users.set("dora", { id: "dora", isActive: false });
    assert.equal(await reasonOf(access.request(as(dora), wants)), "user-blocked");
  });

  it("of an agent are not decided by whom it acts for, nor by the agent", async () => {
    const agent = user("bot", { groups: ["leads"], email: "" });
    const person = user("ann", { groups: ["leads"] });
    const { id, grantee } = await ask({ ...person, actor: agent });
    assert.notEqual(grantee, "ann", "the person alone does not hold what its agent was given");
    assert.equal(await reasonOf(access.approve(as(person), id, "")), "approver-not-allowed");
    assert.equal(await reasonOf(access.approve(as(agent), id, "")), "access-request-unknown");
    assert.equal(await reasonOf(access.approve(as(carl), id, "")), "done");
  });

  it("are hidden from whom they do not concern", async () => {
    const { id } = await ask();
    assert.equal(await reasonOf(access.get(as(dora), id)), "access-request-unknown");
    assert.equal(await reasonOf(access.approve(as(dora), id, "")), "access-request-unknown");
    assert.equal(await reasonOf(access.revoke(as(dora), id, "")), "access-request-unknown");
    assert.equal(await reasonOf(access.withdraw(as(dora), id)), "access-request-unknown");
    assert.equal(await reasonOf(access.get(as(dora, { isViewer: true }), id)), "done");
    assert.equal(await reasonOf(access.get(as(carl), id)), "done");
    assert.deepEqual(await access.waiting(as(dora)), []);
    assert.deepEqual((await access.waiting(as(carl))).length, 1);
    const page = { after: null, limit: 10 };
    assert.equal((await access.list(as(dora), { state: null }, page)).length, 0);
    assert.equal((await access.list(as(dora, { isViewer: true }), { state: null }, page)).length, 1);
  });

  it("take the words of different people where several are due", async () => {
    approvals = [approval({ kind: "atLeast", count: 2, rules: [leads, security] })];
    const { id } = await ask();
    assert.equal(valueOf(await access.approve(as(carl), id, "")).state, "pending");
    assert.equal(await reasonOf(access.approve(as(carl), id, "")), "access-request-conflict");
    assert.deepEqual((await access.waiting(as(carl))).length, 0);
    assert.equal(valueOf(await access.approve(as(cora), id, "")).state, "active");
  });

  it("take words that come at the same time, each once", async () => {
    approvals = [approval({ kind: "atLeast", count: 3, rules: [leads, security] })];
    const { id } = await ask();
    const words = [carl, cora, carl, sam].map((who) => reasonOf(access.approve(as(who), id, "")));
    assert.deepEqual((await Promise.all(words)).toSorted(), ["access-request-conflict", "done", "done", "done"]);
    assert.equal(valueOf(await access.get(as(ann), id)).state, "active");
  });

  it("take a person for each rule where all are due", async () => {
    approvals = [approval({ kind: "allOf", rules: [leads, security] })];
    const { id } = await ask();
    const both = user("both", { groups: ["leads", "security"] });
    assert.equal(valueOf(await access.approve(as(both), id, "")).state, "pending", "one person is not two");
    assert.equal(valueOf(await access.approve(as(sam), id, "")).state, "active", "both counts for the leads");
  });

  it("do not count a word whose rule is gone", async () => {
    approvals = [approval({ kind: "atLeast", count: 2, rules: [leads, security] })];
    const { id } = await ask();
    await access.approve(as(carl), id, "");
    approvals = [approval({ kind: "atLeast", count: 2, rules: [security] })];
    assert.equal(valueOf(await access.approve(as(sam), id, "")).state, "pending");
  });

  it("do not count a word of whoever is not let in any more, or has left the group since", async () => {
    approvals = [approval({ kind: "atLeast", count: 2, rules: [leads, security] })];
    const { id } = await ask();
    await access.approve(as(carl), id, "");
    gone.add("carl");
    assert.equal(valueOf(await access.approve(as(cora), id, "")).state, "pending", "blocked");
    gone.clear();
    groupsNow.set("carl", ["developers"]).set("cora", []);
    assert.equal(valueOf(await access.approve(as(sam), id, "")).state, "pending", "no leads any more");
    groupsNow.set("cora", ["leads"]);
    const eva = user("eva", { groups: ["leads"] });
    assert.equal(valueOf(await access.approve(as(eva), id, "")).state, "active");
  });

  it("do not count a delegate's word for whoever is not let in any more", async () => {
    approvals = [approval({ kind: "atLeast", count: 2, rules: [leads] })];
    valueOf(await access.delegate(as(carl), { to: "dora", approval: null, durationMs: hour }));
    const { id } = await ask();
    await access.approve(as(dora), id, "");
    gone.add("carl");
    assert.equal(valueOf(await access.approve(as(cora), id, "")).state, "pending");
  });

  it("count nobody twice, whichever of their identities decides, or for whom", async () => {
    approvals = [approval({ kind: "atLeast", count: 2, rules: [leads] })];
    const partner = user("carl-partner", { groups: ["leads"], email: "c@partner.example" });
    const address = user("carl-3", { groups: ["leads"], email: "CARL@example.com" });
    for (const subject of ["carl", "carl-partner"]) users.set(subject, { id: "carl", isActive: true });
    const { id } = await ask();
    valueOf(await access.delegate(as(partner), { to: "dora", approval: null, durationMs: hour }));
    await access.approve(as(carl), id, "");
    for (const again of [partner, address, dora]) {
      assert.equal(await reasonOf(access.approve(as(again), id, "")), "access-request-conflict", again.id);
      assert.deepEqual(await access.waiting(as(partner)), []);
    }
    assert.equal(valueOf(await access.approve(as(cora), id, "")).state, "active");
  });

  it("are decided by a delegate, as the other's word, and by nobody's delegate for themselves", async () => {
    assert.equal(
      await reasonOf(access.delegate(as(dora), { to: "ann", approval: null, durationMs: hour })),
      "approver-not-allowed",
    );
    valueOf(await access.delegate(as(carl), { to: "dora", approval: "payroll", durationMs: hour }));
    valueOf(await access.delegate(as(carl), { to: "ann", approval: null, durationMs: hour }));
    const { id } = await ask();
    assert.equal(await reasonOf(access.approve(as(ann), id, "")), "approver-not-allowed");
    assert.equal((await access.waiting(as(dora))).length, 1);
    const granted = valueOf(await access.approve(as(dora), id, ""));
    const last = granted.steps.at(-1);
    assert.deepEqual([granted.state, last?.by?.id, last?.behalfOf?.id], ["active", "dora", "carl"]);
  });

  it("are nothing for the delegates of whoever is not let in any more, nor for themselves", async () => {
    valueOf(await access.delegate(as(carl), { to: "dora", approval: null, durationMs: hour }));
    const { id } = await ask();
    gone.add("carl");
    assert.equal(await reasonOf(access.approve(as(carl), id, "")), "principal-revoked");
    assert.equal(await reasonOf(access.approve(as(dora), id, "")), "access-request-unknown");
    assert.deepEqual([await access.waiting(as(dora)), await access.waiting(as(carl))], [[], []]);
    gone.clear();
    assert.equal(await reasonOf(access.approve(as(dora), id, "")), "done");
  });

  it("do not take a delegate's word beside the delegator's, nor after the delegation", async () => {
    approvals = [approval({ kind: "atLeast", count: 2, rules: [leads] })];
    const made = valueOf(await access.delegate(as(carl), { to: "dora", approval: null, durationMs: hour }));
    const { id } = await ask();
    await access.approve(as(carl), id, "");
    assert.equal(await reasonOf(access.approve(as(dora), id, "")), "access-request-conflict");
    assert.equal(await reasonOf(access.endDelegation(as(ann), made.id)), "delegation-unknown");
    assert.equal(await reasonOf(access.endDelegation(as(carl), made.id)), "done");
    assert.equal(await reasonOf(access.approve(as(dora), id, "")), "access-request-unknown");
  });

  it("are rejected, withdrawn, revoked, and lapse; what is over takes no other step", async () => {
    const first = await ask();
    assert.equal(valueOf(await access.reject(as(carl), first.id, "no")).state, "rejected");
    assert.equal(await reasonOf(access.approve(as(carl), first.id, "")), "access-request-conflict");
    const second = await ask();
    assert.equal(valueOf(await access.withdraw(as(ann), second.id)).state, "withdrawn");
    const third = await ask();
    valueOf(await access.approve(as(carl), third.id, ""));
    assert.equal(await reasonOf(access.withdraw(as(ann), third.id)), "access-request-conflict");
    now += minute;
    const revoked = valueOf(await access.revoke(as(dora, { isOperator: true }), third.id, "leak"));
    assert.deepEqual([revoked.state, revoked.endsAt], ["revoked", now]);
    const fourth = await ask();
    now += 24 * hour;
    assert.equal(
      await reasonOf(access.approve(as(carl), fourth.id, "")),
      "access-request-conflict",
      "before the clock",
    );
    await access.tick();
    assert.equal(valueOf(await access.get(as(ann), fourth.id)).state, "lapsed");
  });

  it("are one at a time for an approval, within its bounds, with a reason", async () => {
    await ask();
    assert.equal(await reasonOf(access.request(as(ann), wants)), "access-request-conflict");
    const wrong = (parts: object): Promise<string> => reasonOf(access.request(as(dora), { ...wants, ...parts }));
    assert.equal(await wrong({ approval: "other" }), "approval-unknown");
    assert.equal(await wrong({ reason: " " }), "malformed-request");
    for (const reason of ["a\nb", "a\u2028b", "\u202egnp.exe"])
      assert.equal(await wrong({ reason }), "malformed-request", JSON.stringify(reason));
    assert.equal(await wrong({ durationMs: 8 * hour + 1 }), "malformed-request");
    assert.equal(await wrong({ durationMs: 59_999 }), "malformed-request");
    assert.equal(await reasonOf(access.request(as(anonymous), wants)), "credentials-missing");
    approvals = [approval({ kind: "anyOf", rules: [leads] }, { requesters: [security] })];
    assert.equal(await wrong({}), "requester-not-allowed");
    assert.equal(await reasonOf(access.request(as(sam), wants)), "done");
  });

  it("break the glass for whom the definition lets, with a reason, for a shorter time", async () => {
    const emergency = (who: Principal, parts: object = {}): Promise<AccessOutcome<AccessRequest>> =>
      access.breakGlass(as(who), { ...wants, reason: "the payroll run hangs", ...parts });
    assert.equal(await reasonOf(emergency(sam)), "requester-not-allowed");
    const breakGlass = { rules: [security], maxDurationMs: hour };
    approvals = [approval({ kind: "anyOf", rules: [leads] }, { breakGlass })];
    assert.equal(await reasonOf(emergency(ann)), "requester-not-allowed");
    assert.equal(await reasonOf(emergency(sam, { reason: "help" })), "malformed-request");
    assert.equal(await reasonOf(emergency(sam, { durationMs: hour + minute })), "malformed-request");
    const taken = valueOf(await emergency(sam));
    assert.deepEqual([taken.state, taken.isBreakGlass, taken.endsAt], ["active", true, now + hour]);
    assert.deepEqual(published, ["sam"]);
    assert.equal(valueOf(await access.revoke(as(carl), taken.id, "")).state, "revoked", "an approver may end it");
  });
});

it("messages are written about a request as it is after the step, before that is durable", async () => {
  const { id } = valueOf(await access.request(as(ann), wants));
  now += minute;
  valueOf(await access.approve(as(carl), id, "fine"));
  valueOf(await access.revoke(as(carl), id, "enough"));
  assert.deepEqual(
    events.map(({ step }) => step.step),
    ["request", "grant", "revoke"],
  );
  assert.deepEqual(written, events);
});
