/** How much of everything a gateway has. */
export interface Scale {
  readonly routes: number;
  /** Subscriptions, each with one key. */
  readonly keys: number;
  /** Callers whose counters of the rate limit are alive at once. */
  readonly callers: number;
}

/** Key number n of the many; `{n}` is what a request's number goes in for. */
export const manyKeys = "sp_bench_fedcba9876543210fedcba9876543210_{n}";

/**
 * One limit gets at most half of the smallest counters, of which there are 131,072, and five get a sixth each: more callers
 * than ten are spread over five limits, of up to sixteen calls. Ten callers may make any number.
 */
const limits = 5;
const mostWithoutLimit = 10;

function limitOf({ callers }: Scale, route: number): string {
  const calls = callers > mostWithoutLimit ? 16 - (route % limits) : 1_000_000_000;
  return `rate-limit-by-key: { calls: ${calls}, period: 5m, key: '\${request.headers["x-account"]}' }`;
}

/** The whole policy path, with one operation a route and a rate limit by X-Account. */
export function scaleApi(scale: Scale): string {
  const operations = Array.from({ length: scale.routes }, (_, at) => {
    const policies = `{ inbound: [base, { ${limitOf(scale, at)} }] }`;
    return `      item${at}: { method: GET, path: "/item${at}/{id}", policies: ${policies} }\n`;
  });
  return `
  scale:
    path: /scale
    backend: upstream
    access: [{ allow: '"orders.read" in principal.scopes' }]
    operations:
${operations.join("")}
    policies:
      inbound:
        - base
        - validate-jwt: { provider: corp, audience: "api://orders", requiredClaims: [{ name: scope, match: any, values: [orders.read] }] }
        - quota-by-key: { calls: 1000000000, period: 7d, key: "\${principal.id}" }
        - set-header: { name: X-Caller, values: ["\${principal.subject}"] }
      outbound:
        - base
        - set-header: { name: X-Served-By, values: [sallyport] }
`;
}

export const scaleProduct = "  many: { apis: [scale], subscription: key }\n";
