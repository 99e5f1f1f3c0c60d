import { type Paint, printable } from "#audit/read/terminal-text.ts";
import type { Difference } from "#compile/comparison/difference.ts";
import type { PromotionLevel } from "#compile/promotion/codes.ts";
import type { CallerChange } from "#compile/promotion/finding.ts";
import { showDifferences } from "./show.ts";

interface AcceptedChange extends CallerChange {
  readonly isAccepted: boolean;
}

interface PromotedSide {
  readonly source: string;
  /** `hashDefinition`. */
  readonly hash: string;
}

/** What a promotion comes to. */
export interface Promotion {
  readonly from?: string;
  readonly to: string;
  readonly today: PromotedSide;
  readonly next: PromotedSide;
  readonly changes: readonly AcceptedChange[];
  /** What runs otherwise where it was tried. */
  readonly otherwise: readonly Difference[];
}

/** Dangers that nobody has accepted. */
export function refused({ changes }: Promotion): readonly AcceptedChange[] {
  return changes.filter(({ level, isAccepted }) => level === "danger" && !isAccepted);
}

const titles: Readonly<Record<PromotionLevel, string>> = {
  danger: "dangerous",
  breaking: "callers may be refused or not find it",
  notice: "also",
};

/** For people. */
export function showPromotion(promotion: Promotion, paint: Paint): string {
  const { from, to, today, next, changes, otherwise } = promotion;
  const head = `${to} runs ${printable(today.source)}, and would run ${printable(next.source)}\n`;
  const levels = Object.keys(titles) as readonly PromotionLevel[];
  const blocks = levels.map((level) =>
    block(
      level,
      changes.filter((change) => change.level === level),
      paint,
    ),
  );
  const tried =
    otherwise.length === 0
      ? ""
      : `\nwhat was tried in ${from ?? ""} and is otherwise in ${to}\n${showDifferences([], otherwise, paint)}`;
  const nothing = changes.length === 0 ? "\nnothing changes for callers\n" : "";
  return `${head}${nothing}${blocks.join("")}${tried}${refusal(refused(promotion), paint)}`;
}

function block(level: PromotionLevel, changes: readonly AcceptedChange[], paint: Paint): string {
  if (changes.length === 0) return "";
  const width = Math.max(...changes.map(({ code }) => code.length));
  const color = level === "danger" ? paint.bad : paint.strong;
  const lines = changes.map(
    ({ code, text, isAccepted }) =>
      `  ${color(code.padEnd(width))}  ${printable(text)}${isAccepted ? " (accepted)" : ""}\n`,
  );
  return `\n${paint.strong(titles[level])}\n${lines.join("")}`;
}

function refusal(dangers: readonly AcceptedChange[], paint: Paint): string {
  if (dangers.length === 0) return "";
  const codes = [...new Set(dangers.map(({ code }) => `--accept ${code}`))];
  return `\n${paint.bad("refused")}: if all of it is meant, add ${codes.join(" ")}\n`;
}
