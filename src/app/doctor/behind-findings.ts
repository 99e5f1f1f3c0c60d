import { apiAt, headersOf, urlOf } from "#app/verify/declared-request.ts";
import { shows } from "#app/verify/judge-answer.ts";
import { type ProbeAnswer, type ProbeGateway, sendProbe } from "#app/verify/send-probe.ts";
import type { DeclaredCheck } from "#model/declared-check.ts";
import type { Backend, Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";
import type { AuditRecord } from "#model/record.ts";
import { recordOf } from "./record-of.ts";

type Verdict = Pick<Finding, "state" | "code" | "detail" | "fix">;

export interface BehindOptions {
  readonly definition: Definition;
  readonly env: NodeJS.ProcessEnv;
  readonly gateway: ProbeGateway;
  /** Null: whether an answer is the backend's cannot be told. */
  readonly recordFolder: string | null;
}

/** One check that has a token, and what came of it. */
interface Tried {
  readonly check: DeclaredCheck;
  /** As they were sent. */
  readonly headers: readonly string[];
  readonly answer: ProbeAnswer;
  readonly record: AuditRecord;
}

const safe: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/**
 * Does the token that the gateway takes arrive at the backend? Told by the checks of the definition that have one: by a
 * path that shows what arrives (`echoes`), or else by the backend's own 401, which is compared with what it says to the
 * same request without the gateway.
 */
export async function behindFindings(options: BehindOptions): Promise<readonly Finding[]> {
  const checks = (options.definition.checks ?? []).filter(
    ({ tokenVariable, method }) => tokenVariable !== null && safe.has(method),
  );
  return Promise.all(
    checks.map(async (check) => {
      const base = { group: "behind the gateway", name: `Authorization of the check ${check.name} arrives`, ms: 0 };
      const tried = await tryCheck(options, check);
      if ("state" in tried) return { ...base, ...tried };
      return { ...base, ms: tried.answer.ms, ...(await judge(options, tried)) };
    }),
  );
}

async function tryCheck(
  { definition, env, gateway, recordFolder }: BehindOptions,
  check: DeclaredCheck,
): Promise<Tried | Verdict> {
  const headers = headersOf(definition, env, check);
  if (typeof headers === "string") return skipped(`${headers} is not set for this command`);
  if (recordFolder === null) return skipped("its record is not at hand: name the data folder with --data");
  const { method, expect } = check;
  const url = urlOf(definition, check);
  const answer = await sendProbe(gateway, { method, url, headers, body: "none", timeoutMs: expect.withinMs });
  if (typeof answer === "string") return skipped(answer);
  const record = await recordOf(recordFolder, String(answer.headers["x-request-id"] ?? ""));
  if (record === null) return skipped("its record is not at hand: name the data folder with --data");
  return { check, headers, answer, record };
}

async function judge(options: BehindOptions, tried: Tried): Promise<Verdict> {
  const { check, headers, answer, record } = tried;
  if (record.upstream === undefined)
    return skipped(`the gateway answers by itself: ${answer.status} ${record.reasons.join(", ")}`);
  const backend = options.definition.backends.find(({ name }) => name === record.upstream?.name);
  const kind = backend?.authorization?.kind ?? "original";
  if (kind !== "original")
    return skipped(`the definition gives ${record.upstream.name} something else: authorization ${kind}`);
  if (check.expect.echoes?.includes("authorization") === true && record.upstream.status < 400) {
    return shows(answer, "authorization", headers)
      ? arrived("the backend shows it")
      : lost("the backend answers, and does not show it", "behind");
  }
  if (record.upstream.status !== 401)
    return arrived(`the backend answers ${record.upstream.status}, and asks for nothing`);
  const refusal = problemOf(answer);
  if (refusal !== null) return notTaken(refusal);
  const direct = backend === undefined ? null : await askDirectly(options, backend, tried);
  if (direct !== null && check.expect.status.includes(direct)) {
    return lost(`the backend answers 401, and ${direct} to the same token without the gateway`, "within");
  }
  return perhapsLost(direct);
}

function skipped(detail: string): Verdict {
  return { state: "skipped", code: "doctor-behind-unknown", detail, fix: null };
}

function arrived(detail: string): Verdict {
  return { state: "passed", code: "doctor-authorization-behind", detail, fix: null };
}

function lost(detail: string, where: "within" | "behind"): Verdict {
  const fix =
    where === "within"
      ? "a policy of the API takes it out or writes it anew: look for set-header with Authorization and for authentication-… in what sallyport explain says of the request"
      : "something between the gateway and the application takes it out: a proxy or a load balancer on the way, or its server (Apache: CGIPassAuth On; FastCGI: HTTP_AUTHORIZATION; a redirect to another host)";
  return { state: "failed", code: "doctor-authorization-lost-behind", detail, fix };
}

/** @see RFC 6750 §3.1: whoever was shown a token says what is wrong with it, and names no error where there was none */
function problemOf({ headers }: ProbeAnswer): string | null {
  const challenge = String(headers["www-authenticate"] ?? "");
  return /\berror="?([a-z_]{1,40})/.exec(challenge)?.[1] ?? null;
}

function notTaken(error: string): Verdict {
  return {
    state: "failed",
    code: "doctor-authorization-not-taken",
    detail: `the token arrives, and the backend does not take it: ${error}`,
    fix: "compare what the backend expects with the token: audience, issuer, whose keys it knows; or give it another one with authorization of the backend",
  };
}

/** What a backend says of itself proves nothing, so it is a warning. */
function perhapsLost(direct: number | null): Verdict {
  const compared = direct === null ? "" : `, and without the gateway ${direct}`;
  return {
    state: "warned",
    code: "doctor-authorization-lost-behind",
    detail: `the gateway takes the token; the backend answers 401 and names no error, as if there had been none${compared}`,
    fix: "something behind the gateway takes it out, or the backend wants something else: declare a check of a path that shows what arrives, with expect: { echoes: [Authorization] }, which proves it",
  };
}

/** The token goes to where the gateway sends it, and nowhere else. Null: that cannot be asked so. */
async function askDirectly(
  { definition, gateway }: BehindOptions,
  { targets, ca, host }: Backend,
  { check, headers }: Tried,
): Promise<number | null> {
  const [target, ...others] = targets;
  if (target === undefined || others.length > 0 || !/^https?:/.test(target.url)) return null;
  const url = new URL(urlOf(definition, check));
  const { path = "/" } = apiAt(definition.apis, url.pathname) ?? {};
  const below = path === "/" ? url.pathname : url.pathname.slice(path.length);
  const asked = `${target.url.replace(/\/$/, "")}${below || "/"}${url.search}`;
  const answer = await sendProbe(
    { connect: null, ca: ca === null ? gateway.ca : [...gateway.ca, ca] },
    {
      method: check.method,
      url: asked,
      headers,
      body: "none",
      timeoutMs: check.expect.withinMs,
      ...(host === "preserve" ? { host: url.host } : {}),
    },
  );
  return typeof answer === "string" ? null : answer.status;
}
