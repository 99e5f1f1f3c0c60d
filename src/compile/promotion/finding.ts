import { type PromotionCodeName, promotionCodes, type PromotionLevel } from "./codes.ts";

/** What one rule has seen of one thing. */
export interface Finding {
  readonly code: PromotionCodeName;
  /** What changes, in words, without its subject: `needs no identity any more`. */
  readonly what: string;
  /** Whose change it is: `operation orders.get`, `product starter`. */
  readonly subject: string;
}

export function finding(code: PromotionCodeName, subject: string, what: string): Finding {
  return { code, what, subject };
}

/** The finding, or none. */
export function when(holds: boolean, code: PromotionCodeName, subject: string, what: string): readonly Finding[] {
  return holds ? [{ code, what, subject }] : [];
}

/** One change for callers. */
export interface CallerChange {
  readonly code: PromotionCodeName;
  readonly level: PromotionLevel;
  /** A sentence, with a few of its subjects. */
  readonly text: string;
  /** All of them. */
  readonly subjects: readonly string[];
}

const named = 5;
const order: readonly string[] = Object.keys(promotionCodes);

/** The same change of many operations is one, the most dangerous first. */
export function gather(findings: readonly Finding[]): readonly CallerChange[] {
  const groups = new Map<string, { readonly one: Finding; readonly subjects: Set<string> }>();
  for (const one of findings) {
    const key = `${one.code}\n${one.what}`;
    const group = groups.get(key) ?? { one, subjects: new Set() };
    groups.set(key, group);
    group.subjects.add(one.subject);
  }
  return [...groups.values()]
    .map(({ one: { code, what }, subjects }) => {
      const all = [...subjects];
      const more = all.length > named ? ` and ${all.length - named} more` : "";
      const text = `${all.slice(0, named).join(", ")}${more}: ${what}`;
      return { code, level: promotionCodes[code].level, text, subjects: all };
    })
    .toSorted((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
}
