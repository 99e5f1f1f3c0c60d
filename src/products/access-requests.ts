import {
  type AccessRequest,
  type AccessStep,
  type AccessStepName,
  type Delegation,
  granteeOf,
  type Party,
  partyOf,
} from "#model/access-requests.ts";
import type { Approval } from "#model/approvals.ts";
import type { Refusal } from "#model/decision.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import type { Clock } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import type { AccessChange, AccessFilter, AccessStore } from "#storage/access-store.ts";
import type { Async, PageRequest } from "#storage/interfaces.ts";
import { type AccessOutcome, decidedAnew, done, orConflict, refused } from "./access-outcome.ts";
import { transitions } from "./access-transitions.ts";
import { type Decider, type Fits, keysFor, type NoStanding, type Standing, standingOf } from "./who-decides.ts";
import { isSameParty } from "./same-party.ts";
import { isEnough, rulesNow, votersOf, votesOf, type VoterStanding } from "./votes.ts";

/** What has happened to a request, for whoever is to be told. */
export interface AccessEvent {
  readonly request: AccessRequest;
  readonly approval: Approval | null;
  readonly step: AccessStep;
}

export interface AccessDependencies {
  readonly store: Async<AccessStore>;
  /** Of the definition in force. */
  readonly approvals: () => readonly Approval[];
  readonly fits: Fits;
  /** The user of the directory that a principal is; null: none. */
  readonly userOf: (principal: Principal) => Promise<KnownUser | null>;
  /** Whoever acts, as they stand at this moment, with the groups that count here; a refusal: they may do nothing. */
  readonly standing: (principal: Principal) => Principal | Refusal;
  /** The same of somebody who has delegated, and of the user that they were then; null: their word counts no more. */
  readonly standingOfAbsent: (principal: Principal, user: string | null) => Principal | null;
  /** The same of somebody who has given their word before; null: it does not count any more. */
  readonly standingOfVoter: (party: Party) => VoterStanding | null;
  readonly clock: Pick<Clock, "now">;
  /** Sorts by time. */
  readonly newId: () => string;
  /** What is in force for a grantee may have changed. Resolves when every worker knows. */
  readonly onGrants: (grantee: string) => Promise<void>;
  /** What is to be sent of a step that is about to be taken: it becomes durable together with it. Never throws. */
  readonly messages: (event: AccessEvent) => readonly OutboxMessage[];
  /** Once a step is durable. Never throws. */
  readonly onStep: (event: AccessEvent) => Promise<void> | void;
}

export interface KnownUser {
  readonly id: string;
  readonly isActive: boolean;
}

/** Who calls a use case, and what the admin API's roles give it beyond being itself. */
export interface AccessCaller {
  readonly principal: Principal;
  /** It sees every request. */
  readonly isViewer: boolean;
  /** It may revoke every grant. */
  readonly isOperator: boolean;
}

export interface NewAccess {
  readonly approval: string;
  readonly reason: string;
  readonly durationMs: number;
}

export interface OfferedApproval {
  readonly approval: Approval;
  readonly mayAsk: boolean;
  /** Whether it may be taken without an approver. */
  readonly mayBreakGlass: boolean;
}

export interface NewDelegation {
  /** Id of a principal. */
  readonly to: string;
  readonly approval: string | null;
  readonly durationMs: number;
}

const bounds = { openOfGrantee: 20, open: 10_000 };
const maxDelegations = 1000;
const longestDelegationMs = 90 * 86_400_000;
/** Without what turns the direction of writing: whoever decides must read what stands there. */
const line = /^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]{1,500}$/u;
/** Characters: of an emergency somebody will want to know more than a word. */
export const leastOfEmergency = 10;

/**
 * Access that is asked for and given for a while. A caller is whom the gateway has authenticated; each step is durable
 * before its effect. Expected refusals are values; all methods reject with GatewayError of the store.
 */
export class AccessRequests {
  readonly #deps: AccessDependencies;

  constructor(dependencies: AccessDependencies) {
    this.#deps = dependencies;
  }

  /** Asks for an approval, which its approvers are then told of. */
  request(caller: AccessCaller, asked: NewAccess): Promise<AccessOutcome<AccessRequest>> {
    return orConflict(async () => {
      const approval = this.#find(asked.approval);
      if (approval === undefined) return unknownApproval(asked.approval);
      const { requesters } = approval;
      const problem = this.#mayAsk(caller.principal, requesters) ?? checkNew(asked, approval.maxDurationMs);
      return problem ?? this.#create(caller.principal, approval, asked, "request");
    });
  }

  /** Takes an approval without approvers, where the definition lets one: an emergency, which is told to everybody. */
  breakGlass(caller: AccessCaller, asked: NewAccess): Promise<AccessOutcome<AccessRequest>> {
    return orConflict(async () => {
      const approval = this.#find(asked.approval);
      if (approval === undefined) return unknownApproval(asked.approval);
      const { breakGlass } = approval;
      if (breakGlass === null || !this.#mayBreakGlass(caller.principal, approval)) {
        return refused("requester-not-allowed", `${approval.name} does not let you break the glass`);
      }
      if (asked.reason.trim().length < leastOfEmergency) {
        return refused("malformed-request", `an emergency takes a reason of at least ${leastOfEmergency} characters`);
      }
      const problem = identified(caller.principal) ?? checkNew(asked, breakGlass.maxDurationMs);
      return problem ?? this.#create(caller.principal, approval, asked, "break-glass");
    });
  }

  /** Gives one's word. The last one that it takes puts the approval in force. */
  approve(caller: AccessCaller, id: string, comment: string): Promise<AccessOutcome<AccessRequest>> {
    return this.#decide(caller, id, comment, async (request, approval, standing, decider) => {
      const own = [decider, ...(standing.behalfOf === null ? [] : [standing.behalfOf])];
      if (own.some((one) => hasVoted(request, one)))
        return refused("access-request-conflict", "you have approved it already");
      const before = votesOf(request.steps).map((step) => rulesNow(step, this.#deps.standingOfVoter));
      const votes = [...before, standing.rules];
      const name = isEnough(approval.approvers, votes) ? "grant" : "approve";
      return this.#take(request, this.#step(name, decider, comment, standing));
    });
  }

  reject(caller: AccessCaller, id: string, comment: string): Promise<AccessOutcome<AccessRequest>> {
    return this.#decide(caller, id, comment, async (request, _approval, standing, decider) =>
      this.#take(request, this.#step("reject", decider, comment, standing)),
    );
  }

  /** Takes one's own request back before it is decided. */
  withdraw(caller: AccessCaller, id: string): Promise<AccessOutcome<AccessRequest>> {
    return orConflict(async () => {
      const request = await this.#deps.store.get(id);
      if (request === null || !isOwn(request, caller.principal)) return unknownRequest(id);
      return this.#take(
        request,
        this.#step("withdraw", { principal: caller.principal, user: request.requester.user }, ""),
      );
    });
  }

  /** Ends what is in force: whoever holds it, whoever might decide about it, and operators. */
  revoke(caller: AccessCaller, id: string, comment: string): Promise<AccessOutcome<AccessRequest>> {
    return orConflict(async () => {
      const request = await this.#deps.store.get(id);
      if (request === null) return unknownRequest(id);
      const decider = await this.#who(caller.principal);
      if ("kind" in decider) return decider;
      const standing = await this.#standing(decider, request);
      const isAllowed = caller.isOperator || isOwn(request, caller.principal) || standing.kind === "standing";
      if (!isAllowed) return this.#isVisible(caller, request) ? refusedBy(standing) : unknownRequest(id);
      if (!isComment(comment)) return badComment;
      return this.#take(request, this.#step("revoke", decider, comment, standing));
    });
  }

  /** Lets somebody else decide in the caller's place for a while. */
  delegate(caller: AccessCaller, asked: NewDelegation): Promise<AccessOutcome<Delegation>> {
    return orConflict(async () => {
      const { principal } = caller;
      const problem = identified(principal) ?? this.#checkDelegation(principal, asked);
      if (problem !== undefined) return problem;
      const decider = await this.#who(principal);
      if ("kind" in decider) return decider;
      const now = this.#deps.clock.now();
      const { claims: _, ...from } = principal;
      const delegation: Delegation = {
        id: this.#deps.newId(),
        from: { ...from, claims: {} },
        fromUser: decider.user,
        to: asked.to,
        approval: asked.approval,
        startsAt: now,
        endsAt: now + asked.durationMs,
        createdAt: now,
      };
      await this.#deps.store.delegate(delegation, maxDelegations);
      return done(delegation);
    });
  }

  /** Those in force that the caller has made or was given; all of them for viewers. */
  async delegations({ principal, isViewer }: AccessCaller): Promise<readonly Delegation[]> {
    const all = await this.#deps.store.delegations(this.#deps.clock.now());
    return isViewer ? all : all.filter(({ from, to }) => from.id === principal.id || to === principal.id);
  }

  async endDelegation(caller: AccessCaller, id: string): Promise<AccessOutcome<Delegation>> {
    const found = (await this.delegations({ ...caller, isViewer: true })).find((one) => one.id === id);
    const isAllowed = found !== undefined && (caller.isOperator || found.from.id === caller.principal.id);
    if (!isAllowed) return refused("delegation-unknown", `there is no delegation ${id} of yours`);
    await this.#deps.store.endDelegation(id, this.#deps.clock.now());
    return done(found);
  }

  /** The approvals that there are, and what the caller may do about each. */
  approvals({ principal }: AccessCaller): readonly OfferedApproval[] {
    return this.#deps.approvals().map((approval) => ({
      approval,
      mayAsk: this.#mayAsk(principal, approval.requesters) === undefined,
      mayBreakGlass: identified(principal) === undefined && this.#mayBreakGlass(principal, approval),
    }));
  }

  async get(caller: AccessCaller, id: string): Promise<AccessOutcome<AccessRequest>> {
    const request = await this.#deps.store.get(id);
    if (request === null) return unknownRequest(id);
    return (await this.#mayRead(caller, request)) ? done(request) : unknownRequest(id);
  }

  /** All, for viewers; else the caller's own. The newest first. */
  list(
    { principal, isViewer }: AccessCaller,
    filter: Pick<AccessFilter, "state">,
    page: PageRequest<string>,
  ): Promise<readonly AccessRequest[]> {
    return this.#deps.store.list({ ...filter, grantee: isViewer ? null : granteeOf(principal) }, page);
  }

  /** The caller's own. */
  mine({ principal }: AccessCaller, page: PageRequest<string>): Promise<readonly AccessRequest[]> {
    return this.#deps.store.list({ state: null, grantee: granteeOf(principal) }, page);
  }

  /** What waits for the caller's word. */
  async waiting({ principal }: AccessCaller): Promise<readonly AccessRequest[]> {
    const decider = await this.#who(principal);
    if ("kind" in decider) return [];
    const [pending, delegations] = await Promise.all([
      this.#deps.store.list({ state: "pending", grantee: null }, { after: null, limit: 1000 }),
      this.#delegations(),
    ]);
    return pending.filter((request) => this.#waitsFor(decider, request, delegations));
  }

  /** Ends what is to end by now. @returns when the next is due; null: nothing is */
  async tick(): Promise<number | null> {
    const { store, clock } = this.#deps;
    const due = await store.due(clock.now(), 100);
    for (const request of due) {
      const name = request.state === "pending" ? "lapse" : "expire";
      // Somebody who is quicker has ended it as well.
      await orConflict(() => this.#take(request, this.#step(name, null, "")));
    }
    return store.nextDue();
  }

  #find(name: string): Approval | undefined {
    return this.#deps.approvals().find((one) => one.name === name);
  }

  #mayAsk(principal: Principal, requesters: Approval["requesters"]): ReturnType<typeof refused> | undefined {
    const problem = identified(principal);
    if (problem !== undefined || requesters.length === 0) return problem;
    const fits = requesters.some((rule) => this.#deps.fits(rule, principal));
    return fits ? undefined : refused("requester-not-allowed", "this approval is not for you to ask for");
  }

  #mayBreakGlass(principal: Principal, { breakGlass }: Approval): boolean {
    return breakGlass?.rules.some((rule) => this.#deps.fits(rule, principal)) ?? false;
  }

  async #create(
    principal: Principal,
    approval: Approval,
    { reason, durationMs }: NewAccess,
    name: "request" | "break-glass",
  ): Promise<AccessOutcome<AccessRequest>> {
    const { store, clock, newId } = this.#deps;
    const decider = await this.#who(principal);
    if ("kind" in decider) return decider;
    const now = clock.now();
    const isBreakGlass = name === "break-glass";
    const step = this.#step(name, decider, reason);
    const request: AccessRequest = {
      id: newId(),
      approval: approval.name,
      grantee: granteeOf(principal),
      requester: partyOf(principal, decider.user),
      reason,
      durationMs,
      state: transitions[name].to,
      isBreakGlass,
      createdAt: now,
      answerBy: now + approval.answerWithinMs,
      startsAt: isBreakGlass ? now : null,
      endsAt: isBreakGlass ? now + durationMs : null,
      steps: [step],
    };
    await store.create(request, bounds, this.#messages(request, step));
    await this.#tell(request, step);
    return done(request);
  }

  #decide(
    caller: AccessCaller,
    id: string,
    comment: string,
    work: (
      request: AccessRequest,
      approval: Approval,
      standing: Standing,
      decider: Decider,
    ) => Promise<AccessOutcome<AccessRequest>>,
  ): Promise<AccessOutcome<AccessRequest>> {
    const once = async (): Promise<AccessOutcome<AccessRequest>> => {
      const request = await this.#deps.store.get(id);
      if (request === null) return unknownRequest(id);
      const approval = this.#find(request.approval);
      if (approval === undefined) return unknownApproval(request.approval);
      const decider = await this.#who(caller.principal);
      if ("kind" in decider) return decider;
      const standing = await this.#standing(decider, request);
      if (standing.kind === "none") return this.#isVisible(caller, request) ? refusedBy(standing) : unknownRequest(id);
      if (!isComment(comment)) return badComment;
      if (request.state !== "pending") return refused("access-request-conflict", `the request is ${request.state}`);
      if (request.answerBy <= this.#deps.clock.now())
        return refused("access-request-conflict", "the request has lapsed");
      return work(request, approval, standing, decider);
    };
    return orConflict(() => decidedAnew(once));
  }

  /** Whoever is blocked or revoked here has no say, whatever its provider thinks of it. */
  async #who(caller: Principal): Promise<Decider | ReturnType<typeof refused>> {
    const principal = this.#deps.standing(caller);
    if (principal.kind === "refusal") return refused(principal.reason, "you are not let in here any more");
    const user = await this.#deps.userOf(principal);
    if (user !== null && !user.isActive) return refused("user-blocked", "you are blocked here");
    return { principal, user: user?.id ?? null };
  }

  /** Those whose makers may still decide themselves, with the groups that they have now. */
  async #delegations(): Promise<readonly Delegation[]> {
    const all = await this.#deps.store.delegations(this.#deps.clock.now());
    return all.flatMap((one) => {
      const from = this.#deps.standingOfAbsent(one.from, one.fromUser);
      return from === null ? [] : [{ ...one, from }];
    });
  }

  async #standing(decider: Decider, request: AccessRequest): Promise<Standing | NoStanding> {
    const delegations = await this.#delegations();
    const approval = this.#find(request.approval);
    if (approval === undefined)
      return { kind: "none", reason: "approval-unknown", message: "there is no such approval" };
    return standingOf(decider, request, approval, delegations, this.#deps.fits);
  }

  async #mayRead(caller: AccessCaller, request: AccessRequest): Promise<boolean> {
    if (this.#isVisible(caller, request)) return true;
    const decider = await this.#who(caller.principal);
    return !("kind" in decider) && (await this.#standing(decider, request)).kind === "standing";
  }

  #isVisible({ principal, isViewer }: AccessCaller, request: AccessRequest): boolean {
    return isViewer || isOwn(request, principal);
  }

  #waitsFor(decider: Decider, request: AccessRequest, delegations: readonly Delegation[]): boolean {
    const approval = this.#find(request.approval);
    if (approval === undefined || hasVoted(request, decider)) return false;
    return standingOf(decider, request, approval, delegations, this.#deps.fits).kind === "standing";
  }

  #checkDelegation(
    principal: Principal,
    { to, approval, durationMs }: NewDelegation,
  ): ReturnType<typeof refused> | undefined {
    if (principal.actor !== undefined) return refused("agent-not-allowed", "an agent does not decide for whom it acts");
    if (to === principal.id || to === "" || to.length > 1000) {
      return refused("malformed-request", "name the id of another principal");
    }
    if (!isDuration(durationMs, longestDelegationMs))
      return refused("malformed-request", "a delegation lasts 1 minute to 90 days");
    const named = this.#deps.approvals().filter(({ name }) => approval === null || name === approval);
    if (named.length === 0) return unknownApproval(approval ?? "");
    const decides = named.some((one) => keysFor(principal, one, this.#deps.fits).length > 0);
    return decides
      ? undefined
      : refused("approver-not-allowed", "you are no approver, so there is nothing to delegate");
  }

  #step(name: AccessStepName, by: Decider | null, comment: string, standing?: Standing | NoStanding): AccessStep {
    const held = standing?.kind === "standing" ? standing : null;
    return {
      step: name,
      by: partyOfDecider(by),
      behalfOf: partyOfDecider(held?.behalfOf ?? null),
      comment,
      rules: held?.rules ?? [],
      at: this.#deps.clock.now(),
    };
  }

  /** By the table: what a state does not lead to is a conflict. */
  async #take(request: AccessRequest, step: AccessStep): Promise<AccessOutcome<AccessRequest>> {
    const { from, to } = transitions[step.step];
    if (from !== request.state) return refused("access-request-conflict", `the request is ${request.state}`);
    const changed = { state: to, ...timesOf(step, request) };
    const messages = this.#messages({ ...request, ...changed, steps: [...request.steps, step] }, step);
    const change: AccessChange = { ...changed, step, messages };
    const next = await this.#deps.store.change(request.id, request.steps.length, change);
    if (next === null) return unknownRequest(request.id);
    await this.#tell(next, step);
    return done(next);
  }

  #messages(request: AccessRequest, step: AccessStep): readonly OutboxMessage[] {
    return this.#deps.messages({ request, approval: this.#find(request.approval) ?? null, step });
  }

  async #tell(request: AccessRequest, step: AccessStep): Promise<void> {
    const { from, to } = transitions[step.step];
    if (from === "active" || to === "active") await this.#deps.onGrants(request.grantee);
    await this.#deps.onStep({ request, approval: this.#find(request.approval) ?? null, step });
  }
}

/** What was given lasts from the last word on; what is taken back ends now. */
function timesOf({ step, at }: AccessStep, { durationMs }: AccessRequest): Pick<AccessChange, "startsAt" | "endsAt"> {
  if (step === "grant") return { startsAt: at, endsAt: at + durationMs };
  return step === "revoke" ? { endsAt: at } : {};
}

function partyOfDecider(decider: Decider | null): Party | null {
  return decider === null ? null : partyOf(decider.principal, decider.user);
}

/** Under this identity or another one. */
function hasVoted({ steps }: AccessRequest, { principal, user }: Decider): boolean {
  return votersOf(steps).some((party) => isSameParty(party, principal, user));
}

function isOwn({ grantee, requester }: AccessRequest, principal: Principal): boolean {
  return grantee === granteeOf(principal) || requester.id === principal.id;
}

function identified({ kind, authMethod }: Principal): ReturnType<typeof refused> | undefined {
  return kind === "anonymous" || authMethod === "subscription-key"
    ? refused("credentials-missing", "this takes an identity, not a key")
    : undefined;
}

function checkNew({ reason, durationMs }: NewAccess, longest: number): ReturnType<typeof refused> | undefined {
  if (!line.test(reason) || reason.trim() === "") {
    return refused("malformed-request", "a reason has 1 to 500 characters on one line");
  }
  if (isDuration(durationMs, longest)) return undefined;
  return refused("malformed-request", `this approval lasts from 1 minute to ${longest / 60_000} minutes`);
}

function isDuration(durationMs: number, longest: number): boolean {
  return Number.isSafeInteger(durationMs) && durationMs >= 60_000 && durationMs <= longest;
}

function isComment(comment: string): boolean {
  return comment === "" || line.test(comment);
}

const badComment = refused("malformed-request", "a comment has at most 500 characters on one line");

function refusedBy(standing: Standing | NoStanding): ReturnType<typeof refused> {
  return standing.kind === "none"
    ? refused(standing.reason, standing.message)
    : refused("approver-not-allowed", "this is not yours to decide");
}

function unknownApproval(name: string): ReturnType<typeof refused> {
  return refused("approval-unknown", `the definition has no approval ${name}`);
}

function unknownRequest(id: string): ReturnType<typeof refused> {
  return refused("access-request-unknown", `there is no request ${id} that you may see`);
}
