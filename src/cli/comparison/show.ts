import type { Difference, DifferenceGroup } from "#compile/comparison/difference.ts";
import { printable } from "#audit/read/terminal-text.ts";
import type { Paint } from "#audit/read/terminal-text.ts";
import type { ValueDifference } from "#config/environments/compare-values.ts";

const titles: Readonly<Record<DifferenceGroup, string>> = {
  access: "who may call",
  policy: "policies",
  exception: "exceptions",
  secret: "secrets",
  host: "hosts",
  address: "where the gateway listens",
  backend: "backends",
  setting: "settings",
};
const longest = 160;

/** For people: by group, one line for each place. */
export function showDifferences(
  values: readonly ValueDifference[],
  differences: readonly Difference[],
  paint: Paint,
): string {
  const blocks = values.length === 0 ? [] : [["values", values.map((one) => line(one.name, one, paint))] as const];
  const groups = Object.keys(titles) as readonly DifferenceGroup[];
  const others = groups.map((group) => {
    const found = differences.filter((one) => one.group === group);
    return [titles[group], found.map((one) => line(nameOf(one), one, paint))] as const;
  });
  return [...blocks, ...others]
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${paint.strong(title)}\n${lines.join("")}`)
    .join("");
}

function nameOf({ entry, place }: Difference): string {
  const owner = entry.kind === "definition" ? entry.name : `${entry.kind} ${entry.name}`;
  return place === "" ? owner : `${owner}: ${place}`;
}

type Sides = Pick<Difference, "before" | "after" | "isOrder">;

function line(name: string, { before, after, isOrder }: Sides, paint: Paint): string {
  const title = printable(name);
  if (isOrder === true) return `  ~ ${title} in another order: ${paint.good(shown(after))}\n`;
  if (before === undefined) return `  + ${title} ${paint.good(shown(after))}\n`;
  if (after === undefined) return `  - ${title} ${paint.bad(shown(before))}\n`;
  return `  ~ ${title} ${paint.bad(shown(before))} → ${paint.good(shown(after))}\n`;
}

function shown(value: unknown): string {
  const secret = secretOf(value);
  const text = secret === undefined ? JSON.stringify(value) : `secret from ${secret}`;
  return printable(text.length > longest ? `${text.slice(0, longest)}…` : text);
}

function secretOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("secret" in value)) return undefined;
  return typeof value.secret === "string" && Object.keys(value).length === 1 ? value.secret : undefined;
}
