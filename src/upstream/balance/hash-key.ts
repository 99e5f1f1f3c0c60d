import type { BalancePolicy } from "#model/balancing.ts";
import type { Exchange } from "#model/exchange.ts";
import { cookieOf } from "./cookies.ts";

/** Longer keys are cut: what a client can send must not cost more than that. */
const maxLength = 1024;

/** What a hashing policy looks at in a request, as the client sent it; undefined when it is not there. */
export function hashKeyOf(policy: BalancePolicy, name: string): (exchange: Exchange) => string | undefined {
  const keyOf = readerOf(policy, name);
  return (exchange) => {
    const key = keyOf(exchange);
    return key === undefined || key === "" ? undefined : key.slice(0, maxLength);
  };
}

function readerOf(policy: BalancePolicy, name: string): (exchange: Exchange) => string | undefined {
  switch (policy) {
    case "ip-hash":
      return ({ facts }) => facts.peerAddress;
    case "client-ip-hash":
      return ({ facts }) => facts.clientAddress;
    case "header":
      return ({ facts }) => facts.headers.get(name);
    case "cookie":
      return ({ facts }) => cookieOf(facts.headers, name);
    case "query":
      return ({ facts }) => parameterOf(facts.query, name);
    default:
      return ({ facts }) => (facts.query === "" ? facts.path : `${facts.path}?${facts.query}`);
  }
}

/** First value of a parameter, as written: the same text goes to the same target, however it is encoded. */
function parameterOf(query: string, name: string): string | undefined {
  const start = `${name}=`;
  let at = query.startsWith(start) ? 0 : query.indexOf(`&${start}`) + 1;
  if (at === 0 && !query.startsWith(start)) return undefined;
  at += start.length;
  const end = query.indexOf("&", at);
  return end < 0 ? query.slice(at) : query.slice(at, end);
}
