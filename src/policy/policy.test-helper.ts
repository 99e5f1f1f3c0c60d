import { Buffer } from "node:buffer";
import type { Cache, CacheEntry } from "#model/cache.ts";
import type { Outcome, StepResult } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { AccessPlan, Chain } from "#model/snapshot.ts";
import type { Argument, Expression, PolicyNode, Scope, Section } from "#model/policy-tree.ts";
import type { Log, QuotaCounters, RateLimiter, TokenVerdict, TokenVerifier, VerifiedToken } from "#model/ports.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { exchangeFor, fixedClock } from "#notation/cel/exchange.test-helper.ts";
import { BodyRoom } from "./body-room.ts";
import type { PolicyPorts } from "./context.ts";
import { type LinkedChain, linkChain } from "./link.ts";
import { OwnCertificates } from "./own-certificates.ts";
import { runSection } from "./runner.ts";
import { localTransforms } from "./transforms/local.ts";
import type { Transforms } from "./transforms/transforms.ts";

export { exchangeFor, fixedClock };

const at = { file: "sallyport.yaml", line: 12, column: 3 };

export function expression(source: string): Expression {
  return { language: "cel", source, at };
}

export function cel(source: string): Argument {
  return { kind: "expression", expression: expression(source) };
}

/** Odd arguments are CEL: `template("/a/", "request.method")`. */
export function template(...parts: string[]): Argument {
  return { kind: "template", parts: parts.map((part, index) => (index % 2 === 0 ? part : expression(part))) };
}

export function policies(...nodes: PolicyNode[]): Argument {
  return { kind: "policies", policies: nodes };
}

type Plain = Argument | string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain };

/** A policy with its arguments written plainly: scalars are literals, arrays lists, objects maps. */
export function policy(name: string, args: Readonly<Record<string, Plain>> = {}, id?: string): PolicyNode {
  return { name, at, args: convertEntries(args), ...(id === undefined ? {} : { id }) };
}

function convertEntries(entries: Readonly<Record<string, Plain>>): Record<string, Argument> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, convert(value)]));
}

function convert(value: Plain): Argument {
  if (Array.isArray(value)) return { kind: "list", items: (value as readonly Plain[]).map(convert) };
  if (typeof value !== "object") return { kind: "literal", value };
  if ("kind" in value && typeof value["kind"] === "string") return value as Argument;
  return { kind: "map", entries: convertEntries(value as Readonly<Record<string, Plain>>) };
}

/** Counts calls for ever: a test double, without any window. */
export class CountingLimiter implements RateLimiter {
  readonly counts: Map<string, number> = new Map();

  take(limiter: number, key: string, calls: number, periodMs: number, amount: number = 1): number {
    const name = `${limiter}/${key}`;
    const before = this.counts.get(name) ?? 0;
    if (before + Math.max(1, amount) > calls) return -(periodMs - 500);
    if (amount > 0) this.counts.set(name, before + amount);
    return calls - before - amount;
  }

  add(limiter: number, key: string, calls: number, _periodMs: number, amount: number): void {
    const name = `${limiter}/${key}`;
    this.counts.set(name, Math.min(calls, (this.counts.get(name) ?? 0) + amount));
  }
}

/** Counts for ever, on this thread: a test double. Refused ones may come again in 9 s. */
export class OwnQuota implements QuotaCounters {
  readonly used: Map<string, number> = new Map();

  take(counter: string, limit: number, _periodMs: number, _anchorMs: number, amount: number = 1): number {
    const used = this.used.get(counter) ?? 0;
    if (used + Math.max(1, amount) > limit) return -9000;
    this.used.set(counter, used + amount);
    return limit - used - amount;
  }

  add(counter: string, limit: number, _periodMs: number, _anchorMs: number, amount: number): number {
    const used = Math.min(limit, (this.used.get(counter) ?? 0) + amount);
    this.used.set(counter, used);
    return limit - used;
  }
}

/** Answers what it was told to: a test double. */
export function fixedQuota(answer: (counter: string) => number | Promise<number>): QuotaCounters {
  return { take: (counter) => answer(counter), add: (counter) => answer(counter) };
}

export function verifierOf(tokens: Readonly<Record<string, Partial<VerifiedToken>>>): TokenVerifier {
  const verify = (token: string): TokenVerdict => {
    const known = tokens[token];
    if (known === undefined) return { ok: false, reason: "token-signature-invalid", detail: "bad signature" };
    return { ok: true, provider: "corp", principal: anonymous, claims: {}, ...known };
  };
  return { verify, verifyBound: verify };
}

/** A cache without bounds on this thread: a test double. */
export class MapCache implements Cache {
  readonly maxEntryBytes: number = 1024;
  readonly entries: Map<string, CacheEntry> = new Map();

  get(key: string): CacheEntry | undefined {
    return this.entries.get(key);
  }

  async put(key: string, entry: CacheEntry): Promise<void> {
    this.entries.set(key, entry);
  }

  async remove(key: string): Promise<void> {
    this.entries.delete(key);
  }
}

/** An exchange with a response whose body is in memory. */
export function respondingWith(
  contentType: string,
  body: string | Uint8Array,
  requestHeaders: string[] = [],
): Exchange {
  const exchange = exchangeFor(requestHeaders);
  const headers = new HeaderList(contentType === "" ? [] : ["Content-Type", contentType]);
  exchange.response = new ResponseDraft(200, "OK", headers, Buffer.from(body), "upstream");
  return exchange;
}

/** Keeps what is logged. */
export function keptLog(): { readonly log: Log; readonly lines: readonly unknown[] } {
  const lines: unknown[] = [];
  const keep =
    (level: string) =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void =>
      void lines.push([level, message, fields]);
  return { log: { info: keep("info"), warn: keep("warn"), error: keep("error") }, lines };
}

/** What does the long work in tests; `test/policy/beside.ts` has the threads do all of it. */
export const testing: { transforms: Transforms } = { transforms: localTransforms };

export function portsWith(some: Partial<PolicyPorts> = {}): PolicyPorts {
  return {
    tokens: verifierOf({}),
    trustedTokens: { verify: () => ({ ok: false, reason: "token-key-unknown", detail: "" }) },
    rateLimiter: new CountingLimiter(),
    limiterId: (kind, calls, periodMs) => kind.length * 7 + calls * 31 + periodMs,
    quota: fixedQuota(() => 1),
    concurrency: { enter: () => 0, leave: () => {} },
    clock: fixedClock,
    log: keptLog().log,
    apiLog: { write: () => {} },
    policyMeter: { emit: () => {} },
    loggers: [],
    schemas: [],
    xmlSchemas: [],
    ownCertificates: new OwnCertificates([]),
    messaging: { daprUrl: "http://127.0.0.1:3500", serviceBus: [] },
    fabricClusters: [],
    cache: new MapCache(),
    connectionUsers: [],
    connections: { token: () => "connection-token" },
    certificateStatuses: { of: () => ({ status: "unknown", detail: "nobody is asked", until: 0 }) },
    bodies: new BodyRoom(1024, 4096),
    transforms: testing.transforms,
    backends: [{ name: "orders" }, { name: "orders-eu" }],
    forward: () => undefined,
    egress: { fetch: () => Promise.reject(new GatewayError("upstream-connect-failed", 502, "nobody is there")) },
    managedIdentity: { token: () => "a-token" },
    upstreamHeaders: ({ request }) => request.headers.clone(),
    ...some,
  };
}

export function chainOf(
  section: Section,
  nodes: readonly PolicyNode[],
  ports: PolicyPorts,
  scope: Scope = "api",
): LinkedChain {
  const scoped = nodes.map((node) => ({ node, scope }));
  const empty: Chain = { inbound: [], backend: [], outbound: [], onError: [] };
  const name = section === "on-error" ? "onError" : section;
  return linkChain({ ...empty, [name]: scoped }, ports);
}

export interface RunOptions {
  readonly section?: Section;
  readonly scope?: Scope;
  readonly ports?: PolicyPorts;
}

/** Runs policies as the pipeline does. */
export function start(nodes: readonly PolicyNode[], exchange: Exchange, options: RunOptions = {}): StepResult {
  const { section = "inbound", scope = "api", ports = portsWith() } = options;
  const chain = chainOf(section, nodes, ports, scope);
  return runSection(section === "on-error" ? chain.onError : chain[section], exchange);
}

/** For policies that must finish at once. */
export function run(node: PolicyNode, exchange: Exchange, options: RunOptions = {}): Outcome {
  const result = start([node], exchange, options);
  if (result instanceof Promise) throw new Error("a synchronous policy gave a promise");
  return result;
}

export function asUser(exchange: Exchange, some: Partial<Principal> = {}): Exchange {
  exchange.principal = { ...anonymous, kind: "user", id: "i|t|ada", authMethod: "token", ...some };
  return exchange;
}

export type PlainRule = readonly ["allow" | "deny", string];

export function plan(...rules: readonly PlainRule[]): AccessPlan {
  return {
    public: false,
    clientCertificate: false,
    subscription: "none",
    rules: rules.map(([effect, source]) => ({ effect, condition: expression(source) })),
  };
}
