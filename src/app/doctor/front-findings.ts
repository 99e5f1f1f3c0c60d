import { lookup } from "node:dns/promises";
import { derivedChecks, type DerivedCheck } from "#app/verify/derived-checks.ts";
import { reasonOf } from "#app/verify/judge-answer.ts";
import { type ProbeAnswer, type ProbeGateway, sendProbe } from "#app/verify/send-probe.ts";
import type { Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";
import type { Clock } from "#model/ports.ts";
import { recordOf } from "./record-of.ts";

/** How requests come to the gateway: through what stands in front of it, or to its own listener. */
export interface FrontOptions {
  readonly definition: Definition;
  readonly clock: Clock;
  readonly gateway: ProbeGateway;
  /** Whose way it is, for messages. */
  readonly way: string;
  /** The record's folder; null: what the gateway took the client for is not looked up. */
  readonly recordFolder: string | null;
}

type Verdict = Pick<Finding, "state" | "code" | "detail" | "fix">;

/** An address for documentation, which no client has: whoever is recorded with it has claimed it. @see RFC 5737 */
const claimed = "192.0.2.77";
/** A token that names nothing and is signed by nobody: whoever gets it says so, and not that there was none. */
const badToken = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJzYWxseXBvcnQtZG9jdG9yIn0.AAAA";
const badKey = "sallyport-doctor-is-no-key";
const timeoutMs = 10_000;

export async function frontFindings(options: FrontOptions): Promise<readonly Finding[]> {
  const checks = derivedChecks(options.definition, options.clock, []);
  const protectedOnes = checks.filter(({ due, method }) => due.kind === "refused" && method === "GET");
  const byToken = protectedOnes.find(({ due }) => due.kind === "refused" && due.reason === "credentials-missing");
  const byKey = protectedOnes.find(({ due }) => due.kind === "refused" && due.reason === "key-missing");
  const any = byToken ?? byKey ?? checks.find(({ method, due }) => method === "GET" && due.kind !== "unknown");
  if (any === undefined) return [];
  const reached = await reachFinding(options, any);
  if (reached.state === "failed") return [reached];
  return [
    reached,
    ...(byToken === undefined ? [] : [await arrives(options, byToken, tokenField)]),
    ...(byKey === undefined ? [] : [await arrives(options, byKey, keyField(options.definition, byKey))]),
    await addressFinding(options, any),
  ];
}

async function reachFinding(options: FrontOptions, { method, url }: DerivedCheck): Promise<Finding> {
  const base = { group: options.way, name: `reaches the gateway at ${new URL(url).host}` };
  const answer = await sendProbe(options.gateway, { method, url, headers: [], body: "none", timeoutMs });
  return typeof answer === "string"
    ? { ...base, ms: 0, ...unreachable(answer) }
    : { ...base, ms: answer.ms, ...judgedReach(answer) };
}

function unreachable(problem: string): Verdict {
  const isTrust = /certificate|self.signed|unable to/i.test(problem);
  const fix = isTrust
    ? "name the CA with --ca; where another server has TLS in front, its certificate has to cover this host"
    : "is something listening there, and is it let through?";
  return { state: "failed", code: isTrust ? "doctor-tls" : "doctor-unreachable", detail: problem, fix };
}

function judgedReach(answer: ProbeAnswer): Verdict {
  const reason = reasonOf(answer);
  if (reason === "misdirected-request") {
    return {
      state: "failed",
      code: "doctor-double-tls",
      detail: "421: what stands in front opens TLS for another name (SNI) than the Host that it sends",
      fix: "have it send the client's Host and the same name in SNI (Caddy: tls_server_name; nginx: proxy_ssl_name, proxy_ssl_server_name on), or speak clear text behind it: edge.https: off",
    };
  }
  if (answer.headers["x-request-id"] === undefined) {
    return {
      state: "failed",
      code: "doctor-not-the-gateway",
      detail: `the answer is ${answer.status}, and not this gateway's: something in front gave it`,
      fix: "502 or 503: it cannot reach the gateway (address, or TLS that it does not trust); 404: it has no route for this host",
    };
  }
  if (reason === "route-not-found") {
    return {
      state: "failed",
      code: "doctor-host-lost",
      detail: "the gateway finds no API for the Host that arrives: what stands in front sends its own",
      fix: "have it keep the client's Host (nginx: proxy_set_header Host $host; Caddy does so by itself)",
    };
  }
  return { state: "passed", code: "doctor-reached", detail: `answered ${answer.status}`, fix: null };
}

interface Field {
  readonly name: string;
  readonly value: string;
  /** Reason that tells that it did not arrive. */
  readonly missing: string;
}

const tokenField: Field = { name: "Authorization", value: `Bearer ${badToken}`, missing: "credentials-missing" };

function keyField({ apis }: Definition, { api }: DerivedCheck): Field {
  const name = apis.find((one) => one.name === api)?.subscriptionKey.header ?? "Ocp-Apim-Subscription-Key";
  return { name, value: badKey, missing: "key-missing" };
}

async function arrives(options: FrontOptions, check: DerivedCheck, field: Field): Promise<Finding> {
  const base = { group: options.way, name: `${field.name} arrives`, ms: 0 };
  const headers = [field.name, field.value];
  const { method, url } = check;
  const answer = await sendProbe(options.gateway, { method, url, headers, body: "none", timeoutMs });
  if (typeof answer === "string") return { ...base, ...unreachable(answer) };
  const reason = reasonOf(answer);
  const told = { ...base, ms: answer.ms };
  if (reason === field.missing) {
    return {
      ...told,
      state: "failed",
      code: "doctor-authorization-lost",
      detail: `${field.name} was sent and the gateway says ${reason}: something on the way takes it out`,
      fix: "look at what stands in front for a rule that removes it: Apache and PHP need CGIPassAuth, nginx proxy_set_header, load balancers an own setting; redirects to another host lose it as well",
    };
  }
  return answer.status === 401 || answer.status === 403
    ? {
        ...told,
        state: "passed",
        code: "doctor-authorization",
        detail: `a bad one is refused: ${reason ?? answer.status}`,
        fix: null,
      }
    : {
        ...told,
        state: "failed",
        code: "doctor-bad-accepted",
        detail: `a bad ${field.name} is answered ${answer.status} instead of being refused`,
        fix: "sallyport verify says for each operation whom the gateway lets through",
      };
}

/** Whom the gateway takes for the client, by its own record. */
async function addressFinding(options: FrontOptions, { method, url }: DerivedCheck): Promise<Finding> {
  const base = { group: options.way, name: "the client's address", ms: 0 };
  const localAddress = await anotherLoopback(options.gateway, url);
  const claims = ["X-Forwarded-For", claimed, "Forwarded", `for=${claimed}`, "X-Real-IP", claimed];
  const probe = {
    method,
    url,
    headers: claims,
    body: "none",
    timeoutMs,
    ...(localAddress === null ? {} : { localAddress }),
  } as const;
  const answer = await sendProbe(options.gateway, probe);
  if (typeof answer === "string") return { ...base, ...unreachable(answer) };
  const id = String(answer.headers["x-request-id"] ?? "");
  const client = options.recordFolder === null ? null : await recordedClient(options.recordFolder, id);
  if (client === null) {
    const detail = "its record is not at hand: name the data folder with --data";
    return { ...base, state: "skipped", code: "doctor-no-record", detail, fix: null };
  }
  return { ...base, ms: answer.ms, ...judgedAddress(client, answer.localAddress) };
}

function judgedAddress(client: string, own: string): Verdict {
  if (client === claimed) {
    return {
      state: "failed",
      code: "doctor-spoofable",
      detail: `a client can claim any address: it sent X-Forwarded-For: ${claimed}, and that is who it was taken for`,
      fix: "have what stands in front replace the field instead of adding to it or passing it on, and name only its own addresses in edge.trustedProxies",
    };
  }
  if (client === own)
    return { state: "passed", code: "doctor-client", detail: `${client}, and no other that is claimed`, fix: null };
  return {
    state: "failed",
    code: "doctor-not-trusted",
    detail: `this machine asked from ${own}, and the gateway took ${client} for the client: everybody has that address, limits by address stop all together`,
    fix: `when ${client} is what stands in front, add it to edge.trustedProxies; behind an address translation it is this machine's own`,
  };
}

/** On one machine proxy and client would have the same address: another one of loopback tells them apart. */
async function anotherLoopback({ connect }: ProbeGateway, url: string): Promise<string | null> {
  if (process.platform !== "linux") return null;
  const host = connect?.host ?? new URL(url).hostname;
  const found = await lookup(host, 4).catch(() => null);
  return found?.address === "127.0.0.1" ? "127.0.0.2" : null;
}

async function recordedClient(folder: string, id: string): Promise<string | null> {
  return (await recordOf(folder, id))?.client ?? null;
}
