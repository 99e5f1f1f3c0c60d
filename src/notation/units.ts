const second = 1000;
const durations: Readonly<Record<string, number>> = {
  ms: 1,
  s: second,
  m: 60 * second,
  h: 3600 * second,
  d: 86_400 * second,
};
const sizes: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Forms of both for the JSON Schema. */
export const durationPattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$";
export const sizePattern = "^[0-9]+(\\.[0-9]+)?(B|KiB|MiB|GiB)$";

/** `250ms`, `90s`, `5m`, `1.5h`, `7d` → whole milliseconds. Undefined when it is not written so. */
export function parseDuration(text: string): number | undefined {
  return parse(text, /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/, durations);
}

/** `512B`, `10KiB`, `1MiB`, `2GiB` → bytes. Undefined when it is not written so: `KB` has two meanings. */
export function parseSize(text: string): number | undefined {
  return parse(text, /^(\d{1,12}(?:\.\d{1,6})?)(B|KiB|MiB|GiB)$/, sizes);
}

/** The shortest exact spelling: 60000 → `1m`. */
export function formatDuration(milliseconds: number): string {
  return format(milliseconds, durations);
}

export function formatSize(bytes: number): string {
  return format(bytes, sizes);
}

function parse(text: string, form: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, unit] = form.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const value = Math.round(Number(amount) * (units[unit] ?? 1));
  return Number.isSafeInteger(value) ? value : undefined;
}

function format(value: number, units: Readonly<Record<string, number>>): string {
  const fitting = Object.entries(units).filter(([, size]) => value >= size && value % size === 0);
  const [unit, size] = fitting.at(-1) ?? Object.entries(units)[0] ?? ["", 1];
  return `${value / size}${unit}`;
}
