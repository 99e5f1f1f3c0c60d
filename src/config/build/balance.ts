import type { BackendTarget, Balance, BalancePolicy, Sticky } from "#model/balancing.ts";
import type { Problems } from "#notation/problems.ts";
import { parseHeaderName } from "#config/checks/words.ts";
import type { Named } from "#config/shapes/record.ts";
import type { BackendInput } from "#config/table/backend.ts";
import type { BalanceInput } from "#config/table/balance.ts";
import { urlOfTarget } from "./members.ts";

type Backend = Named<BackendInput>;

/** `url`, `urls` and `targets` are three spellings of one list, `discover` finds it; one of them is written. */
export function buildTargets(
  { name, at, value }: Backend,
  backends: readonly Backend[],
  problems: Problems,
): readonly BackendTarget[] {
  const { url, urls, targets, discover } = value;
  const written = [url, urls, targets, discover].filter((one) => one !== undefined);
  const second = written[1];
  if (second !== undefined) {
    const fix = "keep one of url, urls, targets and discover";
    problems.error("value-invalid", second.at, `the backend ${name} says twice where it is`, fix);
  }
  if (written.length === 0) {
    problems.error("key-missing", at, `the backend ${name} lacks its URL`, "write url: http(s)://host[:port][/base]");
  }
  const list = url === undefined ? (urls?.value ?? []) : [url.value];
  const plain = list.map((one) => ({ url: one, weight: 1, priority: 1 }));
  const weighed = (targets?.value ?? []).map((target): BackendTarget => {
    const { weight, priority, backend } = target;
    const place = urlOfTarget(name, target, backends, targets?.at ?? at, problems);
    return { url: place, weight, priority, ...(backend === undefined ? {} : { backend: backend.value }) };
  });
  const all = [...plain, ...weighed];
  reportRepeated({ name, at, value }, all, problems);
  return all;
}

/** The same address twice would be probed, counted and ejected twice; a weight says what is meant. */
function reportRepeated({ name, at, value }: Backend, targets: readonly BackendTarget[], problems: Problems): void {
  const place = value.targets?.at ?? value.urls?.at ?? at;
  const seen = new Set<string>();
  for (const { url } of targets) {
    if (url !== "" && seen.has(url)) {
      problems.error("value-invalid", place, `the backend ${name} has ${url} twice`, "give it a weight instead");
    }
    seen.add(url);
  }
}

const unweighing: ReadonlySet<BalancePolicy> = new Set(["round-robin", "first"]);
const naming: ReadonlySet<BalancePolicy> = new Set(["header", "query", "cookie"]);

export function buildBalance(
  { balance, targets: written, slowStart, discover }: BackendInput,
  targets: readonly BackendTarget[],
  problems: Problems,
): Balance {
  const weighted = targets.some(({ weight }) => weight !== targets[0]?.weight);
  const srv = discover?.value.type === "srv";
  if (balance === undefined)
    return { policy: weighted || slowStart > 0 || srv ? "weighted-round-robin" : "round-robin", choices: 2, name: "" };
  const { policy = "round-robin", choices } = balance.value;
  if (weighted && unweighing.has(policy) && written !== undefined) {
    const fix = policy === "round-robin" ? "write weighted-round-robin" : "leave out the weights";
    problems.warn("setting-unused", balance.at, `${policy} does not look at weights`, fix);
  }
  if (slowStart > 0 && unweighing.has(policy)) {
    const fix = policy === "round-robin" ? "write weighted-round-robin" : "leave out slowStart";
    problems.warn("setting-unused", balance.at, `${policy} gives no target less, so slowStart has no effect`, fix);
  }
  if (choices !== undefined && policy !== "random-choose") {
    problems.error("value-invalid", choices.at, `${policy} has no choices`, "leave it out, or write random-choose");
  }
  const name = naming.has(policy) ? nameOf(balance.value, balance, problems) : unnamed(balance.value, problems);
  return { policy, choices: choices?.value ?? 2, name };
}

function nameOf(
  { policy, name }: BalanceInput,
  { at }: NonNullable<BackendInput["balance"]>,
  problems: Problems,
): string {
  if (name === undefined) {
    const fix = `write balance: { policy: ${policy}, name: … }`;
    problems.error("key-missing", at, `the policy ${policy} lacks the name of the ${policy}`, fix);
    return "";
  }
  if (policy === "query") return name.value;
  // Cookies and header fields are both named by tokens; only the latter in any case.
  const parsed = parseHeaderName(name.value);
  if ("value" in parsed) return policy === "header" ? parsed.value : name.value;
  problems.error("value-invalid", name.at, `${name.value} is not the name of a ${policy}`);
  return "";
}

function unnamed({ policy, name }: BalanceInput, problems: Problems): string {
  if (name !== undefined) {
    problems.error("value-invalid", name.at, `${policy} has no name`, "leave it out, or write header, query or cookie");
  }
  return "";
}

export function buildSticky({ sticky }: BackendInput): Sticky | null {
  if (sticky === undefined) return null;
  const { cookie, ttl, sameSite, path } = sticky;
  return { cookie, ttlMs: ttl, sameSite, path };
}
