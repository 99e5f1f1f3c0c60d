import { Buffer } from "node:buffer";
import { GatewayError } from "#model/errors.ts";
import type { GroupLookup, GroupQuestion } from "#model/group-lookup.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { Egress, EgressResponse } from "#model/ports.ts";

const timeoutMs = 5000;
/** 11,000 ids, which is as many as are given at once, take less than half of it. */
const maxBytes = 1024 * 1024;
const pageSize = 999;
const maxPages = 25;
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Graph has answered, and with no groups. */
export class GraphError extends GatewayError {
  /** Status of its answer. */
  readonly answered: number;
  /** As long as it wants to be left alone; 0: it does not say. */
  readonly retryAfterMs: number;

  constructor(status: number, code: string | undefined, retryAfterMs: number) {
    const said = code === undefined ? "" : ` (${code})`;
    super("idp-unreachable", 503, `Microsoft Graph answered ${status}${said}`, { source: "idp" });
    this.answered = status;
    this.retryAfterMs = retryAfterMs;
  }
}

interface GraphCall {
  readonly url: string;
  readonly token: string;
  readonly egress: Egress;
  readonly body?: object;
}

type Answer = Readonly<Record<string, unknown>>;

/**
 * The ids of all groups that somebody is in, also by way of other groups. The address is the definition's: the one that a
 * token names is never asked.
 * @throws GraphError; GatewayError `idp-malformed`, and what {@link Egress} throws
 * @see https://learn.microsoft.com/graph/api/directoryobject-getmembergroups
 */
export async function fetchGroups(
  { url, securityOnly, only }: Pick<GroupLookup, "url" | "securityOnly" | "only">,
  { id, kind }: GroupQuestion,
  token: string,
  egress: Egress,
): Promise<readonly string[]> {
  if (!guid.test(id)) throw malformed("the subject is no id of its directory");
  const place = `${url}/${kind === "user" ? "users" : "servicePrincipals"}/${id}`;
  const all =
    (await memberGroups({
      url: `${place}/getMemberGroups`,
      token,
      egress,
      body: { securityEnabledOnly: securityOnly },
    })) ??
    (await listedGroups(
      { url: `${place}/transitiveMemberOf/microsoft.graph.group`, token, egress },
      url,
      securityOnly,
    ));
  if (only === null) return all;
  const wanted = new Set(only);
  return all.filter((group) => wanted.has(group.toLowerCase()));
}

/** Undefined: there are more than it gives in one answer. */
async function memberGroups(call: GraphCall): Promise<readonly string[] | undefined> {
  const { response, answer } = await ask(call);
  if (response.status === 400 && codeOf(answer) === "Directory_ResultSizeLimitExceeded") return undefined;
  const { value } = okay(response, answer);
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string")) throw malformed("no list of ids");
  return value;
}

/** Page by page, each at the same Graph. */
async function listedGroups(call: GraphCall, base: string, securityOnly: boolean): Promise<readonly string[]> {
  const groups: string[] = [];
  let next: string | undefined = `${call.url}?$select=id,securityEnabled&$top=${pageSize}`;
  for (let page = 0; next !== undefined; page += 1) {
    if (page === maxPages) throw malformed(`more than ${maxPages * pageSize} groups`);
    const { response, answer } = await ask({ ...call, url: next });
    const { value, "@odata.nextLink": link } = okay(response, answer);
    if (!Array.isArray(value)) throw malformed("no list of groups");
    for (const { id, securityEnabled } of value as readonly Answer[]) {
      if (typeof id !== "string") throw malformed("a group without an id");
      if (!securityOnly || securityEnabled === true) groups.push(id);
    }
    next = link === undefined ? undefined : checkedLink(link, base);
  }
  return groups;
}

async function ask({ url, token, egress, body }: GraphCall): Promise<{ response: EgressResponse; answer: Answer }> {
  const headers = ["Accept", "application/json", "Authorization", `Bearer ${token}`];
  const sent =
    body === undefined
      ? { headers }
      : {
          method: "POST",
          headers: [...headers, "Content-Type", "application/json"],
          body: Buffer.from(JSON.stringify(body)),
        };
  const response = await egress.fetch({ url, ...sent, timeoutMs, maxBytes, declared: true, keepAlive: true });
  return { response, answer: parse(response.body) };
}

function okay({ status, headers }: EgressResponse, answer: Answer): Answer {
  if (status === 200) return answer;
  throw new GraphError(status, codeOf(answer), waitOf(headers));
}

/** The token goes to the Graph of the definition, and nowhere that an answer names. */
function checkedLink(link: unknown, base: string): string {
  const url = typeof link === "string" ? URL.parse(link) : null;
  const own = new URL(base);
  const isOwn =
    url !== null && url.origin === own.origin && url.pathname.startsWith(`${own.pathname.replace(/\/$/, "")}/`);
  if (!isOwn || url.username !== "" || url.password !== "") throw malformed("its next page is elsewhere");
  return url.href;
}

function waitOf(headers: HeaderList): number {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

function parse(body: Uint8Array): Answer {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Answer) : {};
  } catch {
    return {};
  }
}

/** One of Graph's own words; what describes it may quote the request. */
function codeOf({ error }: Answer): string | undefined {
  const code = typeof error === "object" && error !== null ? (error as Answer)["code"] : undefined;
  return typeof code === "string" && /^[\w.-]{1,64}$/.test(code) ? code : undefined;
}

function malformed(why: string): GatewayError {
  return new GatewayError("idp-malformed", 503, `Microsoft Graph: ${why}`, { source: "idp" });
}
