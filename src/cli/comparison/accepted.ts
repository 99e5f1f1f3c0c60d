import { InvalidArgumentError } from "commander";
import { promotionCodes } from "#compile/promotion/codes.ts";
import type { CallerChange } from "#compile/promotion/finding.ts";

/** `limit-looser`, or of one thing alone: `limit-looser:operation orders.list`. */
export interface Accepted {
  readonly code: string;
  /** Absent: of whatever. */
  readonly subject?: string;
}

export function collectAccepted(text: string, before: readonly Accepted[]): readonly Accepted[] {
  const at = text.indexOf(":");
  const [code, subject] = at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
  if (!Object.hasOwn(promotionCodes, code)) {
    const dangers = Object.entries(promotionCodes).filter(([, { level }]) => level === "danger");
    throw new InvalidArgumentError(`It takes one of ${dangers.map(([name]) => name).join(", ")}.`);
  }
  return [...before, { code, ...(subject === undefined ? {} : { subject }) }];
}

/** All that the change is about. */
export function isAccepted({ code, subjects }: CallerChange, accepted: readonly Accepted[]): boolean {
  const own = accepted.filter((one) => one.code === code);
  return subjects.every((subject) => own.some((one) => one.subject === undefined || one.subject === subject));
}
