import { type Answer, type Refusal, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { allowedOriginOf, type CorsRules } from "./cors-rules.ts";
import { describeError, reasonOfError } from "./failure.ts";
import type { LinkedChain } from "./link.ts";

/**
 * Answers a preflight by the chain of the operation that the requested method leads to. Nothing else of the chain
 * runs: browsers send preflights without credentials and keys.
 * @returns undefined when the chain has no cors policy; an empty 200 without CORS fields when none matches
 */
export function answerPreflight(exchange: Exchange, chain: LinkedChain): Answer | Refusal | undefined {
  if (chain.cors.length === 0) return undefined;
  try {
    return answer(exchange, chain.cors);
  } catch (error) {
    return refuse(reasonOfError(error), { detail: `cors: ${describeError(error)}` });
  }
}

function answer(exchange: Exchange, policies: readonly CorsRules[]): Answer {
  const headers = new HeaderList(["Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"]);
  for (const rules of policies) {
    if (matches(exchange, rules, headers) || rules.terminates(exchange)) break;
  }
  return { kind: "answer", status: 200, headers, body: null };
}

/** Writes the CORS fields when origin, method and headers are all allowed. */
function matches(exchange: Exchange, rules: CorsRules, response: HeaderList): boolean {
  const { headers } = exchange.facts;
  const method = headers.get("access-control-request-method") as string;
  const wanted = tokensOf(headers.joined("access-control-request-headers"));
  const origin = allowedOriginOf(rules, headers.get("origin") as string, exchange);
  if (origin === undefined || wanted === undefined) return false;
  const methods = rules.methods(exchange);
  if (!isAllowed(methods, method)) return false;
  if (!rules.anyHeader && !wanted.every((name) => rules.headers.has(name))) return false;
  response.append("Access-Control-Allow-Origin", origin);
  // With credentials a browser takes no `*` here, so what was asked for is named.
  response.append("Access-Control-Allow-Methods", methods.includes("*") ? method : methods.join(", "));
  if (wanted.length > 0) response.append("Access-Control-Allow-Headers", wanted.join(", "));
  response.append("Access-Control-Max-Age", String(Math.floor(rules.maxAgeMs(exchange) / 1000)));
  if (rules.credentials(exchange)) response.append("Access-Control-Allow-Credentials", "true");
  return true;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;

function isAllowed(methods: readonly string[], method: string): boolean {
  return methods.includes("*") ? token.test(method) : methods.includes(method);
}

/** Lower-case names, or undefined when the list is malformed: what is echoed must be names and nothing else. */
function tokensOf(list: string | undefined): readonly string[] | undefined {
  if (list === undefined || list.trim() === "") return [];
  const names = list.split(",").map((name) => name.trim().toLowerCase());
  return names.length <= 100 && names.every((name) => token.test(name)) ? names : undefined;
}
