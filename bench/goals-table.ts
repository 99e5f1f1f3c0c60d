import type { Goal } from "./goals.ts";

type Aims = readonly [must: number, goal: number] | null;

/**
 * What the gateway is held to: with one worker, over HTTPS and HTTP/1.1, 64 connections and 400 bytes of JSON where
 * nothing else is said.
 */
export const goals: readonly Goal[] = [
  ratio("path", "whole policy path ÷ nginx bare", "sallyport:whole", "nginx:bare", [2.2, 1.5]),
  ratio(
    "path",
    "whole policy path ÷ HAProxy with key, RS256, claims, rate, log",
    "sallyport:whole",
    "haproxy:policy",
    [0.65, 0.45],
  ),
  ratio("path", "whole policy path ÷ Caddy bare", "sallyport:whole", "caddy:bare", [0.4, 0.27]),
  ratio(
    "path",
    "whole policy path ÷ Caddy with a forward_auth service and access log",
    "sallyport:whole",
    "caddy:policy",
    [0.1, 0.06],
  ),
  ratio("path", "bare ÷ nginx bare", "sallyport:bare", "nginx:bare", [1.8, 1.3]),
  ratio("http2", "HTTP/2: whole policy path ÷ nginx bare", "sallyport:whole-h2", "nginx:bare-h2", [3.5, 2.5]),
  ratio("http2", "HTTP/2: whole policy path ÷ Caddy bare", "sallyport:whole-h2", "caddy:bare-h2", [0.4, 0.25]),
  ratio("workers", "two workers ÷ one", "sallyport:whole-two-workers", "sallyport:whole", [1.15, 1.05]),
  ratio("strict", "strict record ÷ batched", "sallyport:whole-strict", "sallyport:whole", [1.3, 1.15]),
  {
    case: "strict",
    what: "p50 that a strict record adds, on a quiet disk",
    of: "sallyport:whole-strict@p50",
    against: { sign: "−", by: "sallyport:whole@p50" },
    unit: "ms",
    better: "less",
    must: 3,
    goal: 2,
  },
  ratio("tail", "p99 at half of saturation ÷ nginx's", "sallyport:whole@p99", "nginx:bare@p99", [2.5, 1.5]),
  ratio("tail", "p50 there ÷ nginx's", "sallyport:whole@p50", "nginx:bare@p50", null),
  ratio("scale", "10,000 routes in turn ÷ 10", "sallyport:many-routes", "sallyport:few", [1.1, 1.03]),
  ratio("scale", "ten of 10,000 routes ÷ ten of 10", "sallyport:many-routes-same", "sallyport:few", null),
  ratio("scale", "1,000,000 keys in turn ÷ 10", "sallyport:many-keys", "sallyport:few", [1.1, 1.03]),
  ratio("scale", "ten of 1,000,000 keys ÷ ten of 10", "sallyport:many-keys-same", "sallyport:few", null),
  ratio("scale", "100,000 live rate-limit keys in turn ÷ 10", "sallyport:many-callers", "sallyport:few", [1.1, 1.03]),
  {
    case: "idle",
    what: "memory of an idle TLS connection",
    of: "sallyport:idle@KB",
    against: null,
    unit: "KB",
    better: "less",
    must: 80,
    goal: 60,
  },
  ...(["down", "up"] as const).flatMap((way) => bodies(way)),
];

/** MB that a second of CPU carries, the more the better. */
function bodies(way: "down" | "up"): readonly Goal[] {
  const [of, by] = [`sallyport:${way}@rate`, `nginx:${way}@rate`];
  const named = `MB per CPU second of 10 MB ${way}`;
  const told = { case: "bodies", against: null, unit: "MB/s", better: "more", must: null, goal: null } as const;
  return [
    {
      ...told,
      what: `${named} ÷ nginx bare`,
      of,
      against: { sign: "÷", by },
      unit: "",
      must: 0.5,
      goal: 0.8,
    },
    { ...told, what: `${named}, nginx`, of: by },
    { ...told, what: named, of },
  ];
}

/** Of CPU per request, where nothing else is said. */
function ratio(name: string, what: string, of: string, by: string, aims: Aims): Goal {
  const [must, goal] = aims ?? [null, null];
  return { case: name, what, of, against: { sign: "÷", by }, unit: "", better: "less", must, goal };
}
