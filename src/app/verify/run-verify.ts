import { fewAtATime } from "#lib/few-at-a-time.ts";
import type { DeclaredCheck } from "#model/declared-check.ts";
import type { Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";
import type { Clock } from "#model/ports.ts";
import { type Bearer, type DerivedCheck, derivedChecks } from "./derived-checks.ts";
import { headersOf, urlOf } from "./declared-request.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { type Probe, type ProbeGateway, sendProbe } from "./send-probe.ts";
import { strangerFindings } from "./strangers.ts";
import { tlsFindings } from "./tls-findings.ts";

export interface VerifyOptions {
  readonly definition: Definition;
  readonly gateway: ProbeGateway;
  readonly bearers: readonly Bearer[];
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** Requests that could change something are left out. */
  readonly safeOnly: boolean;
}

/** Requests under way at a time: a check is no load. */
const atOnce = 8;
const timeoutMs = 10_000;
const safe: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Asks a running gateway everything that its definition lets be known beforehand, and what it declares. */
export async function runVerify(options: VerifyOptions): Promise<readonly Finding[]> {
  const { definition, clock, bearers } = options;
  const derived = derivedChecks(definition, clock, bearers);
  return [
    ...(await tlsFindings(options)),
    ...(await fewAtATime(derived, atOnce, (check) => derivedFinding(options, check))),
    ...strangerFindings(definition, clock),
    ...(await fewAtATime(definition.checks ?? [], atOnce, (check) => declaredFinding(options, check))),
  ];
}

async function derivedFinding({ gateway, bearers, safeOnly }: VerifyOptions, check: DerivedCheck): Promise<Finding> {
  const { due, api, operation, method, url, as } = check;
  const who = as === "nobody" ? "without an identity" : `as ${as}`;
  const base = { group: api, name: `${operation}: ${method} ${new URL(url).pathname} ${who}`, ms: 0, fix: null };
  if (due.kind === "unknown") return { ...base, state: "skipped", code: "verify-not-met", detail: due.why };
  if (due.kind === "allowed") {
    const detail = as === "nobody" ? "anybody may call it" : "it would reach the backend: declare a check";
    return { ...base, state: "skipped", code: "verify-allowed", detail };
  }
  if (safeOnly && !safe.has(method)) {
    return { ...base, state: "skipped", code: "verify-unsafe", detail: "it could change something" };
  }
  const token = bearers.find(({ name }) => name === as)?.token;
  const probe: Probe = {
    method,
    url,
    headers: token === undefined ? [] : ["Authorization", `Bearer ${token}`],
    body: safe.has(method) ? "none" : { kind: "withheld" },
    timeoutMs,
  };
  const answer = await sendProbe(gateway, probe);
  if (typeof answer === "string") {
    const detail = safe.has(method) ? answer : `${answer}: it may be waiting for a body instead of refusing`;
    return { ...base, state: "failed", code: "verify-no-answer", detail, fix: "is this the gateway's address?" };
  }
  const expected = { status: [due.status], reason: null, headers: {}, contains: null, withinMs: timeoutMs };
  const wrong = judgeAnswer(expected, answer);
  const ms = answer.ms;
  if (wrong === null) return { ...base, ms, state: "passed", code: due.reason, detail: `${due.status} ${due.reason}` };
  const fix = `the definition says ${due.status} ${due.reason}: sallyport access test --url ${url} -X ${method} says why`;
  return { ...base, ms, state: "failed", code: "verify-not-refused", detail: wrong, fix };
}

async function declaredFinding(options: VerifyOptions, check: DeclaredCheck): Promise<Finding> {
  const base = { group: "checks", name: check.name, ms: 0, fix: null };
  const headers = headersOf(options.definition, options.env, check);
  if (typeof headers === "string") {
    const fix = `set ${headers} for this command`;
    return { ...base, state: "failed", code: "verify-variable", detail: `${headers} is not set`, fix };
  }
  const url = urlOf(options.definition, check);
  const body = check.body ?? "none";
  const answer = await sendProbe(options.gateway, {
    method: check.method,
    url,
    headers,
    body,
    timeoutMs: check.expect.withinMs,
  });
  if (typeof answer === "string") return { ...base, state: "failed", code: "verify-no-answer", detail: answer };
  const wrong = judgeAnswer(check.expect, answer, headers);
  const id = answer.headers["x-request-id"];
  const fix = id === undefined ? null : `sallyport explain ${String(id)}`;
  return wrong === null
    ? { ...base, ms: answer.ms, state: "passed", code: "verify-as-declared", detail: String(answer.status) }
    : { ...base, ms: answer.ms, state: "failed", code: "verify-other-answer", detail: wrong, fix };
}
