const levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** One character a value, as high as it is beside the largest; nothing at all is a blank. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(...values, 0);
  return values.map((value) => (value <= 0 ? " " : levels[Math.ceil((value / most) * levels.length) - 1])).join("");
}

/** As long as a share of `width` characters, to an eighth of one. @param share 0 to 1 */
export function bar(share: number, width: number): string {
  const parts = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return "█".repeat(parts >> 3) + (eighths[parts & 7] ?? "");
}
