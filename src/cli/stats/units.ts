/** `12`, `3.4k`, `5.6M`: a number in at most six characters. */
export function countText(value: number): string {
  return scaled(value, 1000, ["", "k", "M", "G", "T"]);
}

/** `12 B`, `3.4 KiB` and so on. */
export function bytesText(value: number): string {
  return scaled(value, 1024, [" B", " KiB", " MiB", " GiB", " TiB"]);
}

/** `0.42 ms`, `12 ms`, `3.4 s`; a dash where there is none. */
export function timeText(ms: number | undefined | null): string {
  if (ms === undefined || ms === null) return "-";
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  while (rest >= base && unit < units.length - 1) {
    rest /= base;
    unit += 1;
  }
  return `${unit === 0 || rest >= 100 ? Math.round(rest) : rest.toFixed(1)}${units[unit]}`;
}
