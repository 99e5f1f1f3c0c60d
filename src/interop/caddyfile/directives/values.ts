const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Go's durations, with days: `1h30m`, `5m10s`. @returns milliseconds; undefined: it is none */
export function durationMs(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) / 1e6;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([one]) => one).join("") !== text) return undefined;
  return parts.reduce((sum, [, count = "0", unit = "s"]) => sum + Number(count) * (units[unit] ?? 0), 0);
}

/** As the definition writes it, within bounds. */
export function duration(text: string | undefined, least: number, most: number): string | undefined {
  const ms = text === undefined ? undefined : durationMs(text);
  if (ms === undefined) return undefined;
  const bounded = Math.round(Math.min(most, Math.max(least, ms)));
  return bounded % 1000 === 0 ? `${bounded / 1000}s` : `${bounded}ms`;
}

const sizes: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
  k: 1e3,
  m: 1e6,
  g: 1e9,
};

/** `10MB`, `1gib`. @returns bytes; undefined: it is none */
export function sizeBytes(text: string | undefined): number | undefined {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text ?? "") ?? [];
  const factor = sizes[unit.toLowerCase()];
  return count === undefined || factor === undefined ? undefined : Math.round(Number(count) * factor);
}

/** `2xx`, `4xx 500`, `200-299`: as lists of the definition. */
export function statusRange(text: string): string | number | undefined {
  if (/^\d{3}$/.test(text)) return Number(text);
  if (/^\dxx$/.test(text)) return `${text[0] ?? ""}00-${text[0] ?? ""}99`;
  return /^\d{3}-\d{3}$/.test(text) ? text : undefined;
}

/** CEL over `response.status`. */
export function statusCondition(texts: readonly string[], subject: string): string {
  const parts = texts.map((text) => {
    const range = statusRange(text);
    if (typeof range === "number") return `${subject} == ${range}`;
    const [from = "0", to = "0"] = (range ?? "0-0").split("-");
    return `(${subject} >= ${from} && ${subject} <= ${to})`;
  });
  return parts.length === 0 ? "true" : parts.join(" || ");
}
