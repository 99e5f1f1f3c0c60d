import type { Handover } from "#model/exchange.ts";
import { type Reason, reasons } from "#model/reasons.ts";
import type { StoredRecord } from "#model/record.ts";
import { type Paint, printable } from "./terminal-text.ts";

/** What decided, why, and what would have to change. */
export function verdictLines(record: StoredRecord, brush: Paint): readonly string[] {
  const line = (label: string, value: string): string => `${brush.strong(label.padEnd(11))} ${value}`;
  const [code] = record.reasons;
  const decider = deciderOf(record.handovers, code);
  const lines = [line(labelOf(record), decider === undefined ? defaultDecider(record) : stepText(decider))];
  if (code === undefined) return lines;
  const reason = reasonOf(code);
  lines.push(line("Reason", `${printable(code)}${reason === undefined ? "" : `: ${reason.message}`}`));
  const others = record.reasons.slice(1);
  if (others.length > 0) lines.push(line("Also", others.map(printable).join(", ")));
  if (decider?.detail !== undefined) lines.push(line("It saw", printable(decider.detail)));
  if (reason !== undefined) lines.push(line("To change", reason.remedy));
  return lines;
}

function labelOf({ decision, reasons: codes }: StoredRecord): string {
  return decision === "allow" && codes.length > 0 ? "Ended by" : "Decided by";
}

/** The last step that gave the record's reason; else the last one that refused, failed or answered. */
function deciderOf(handovers: readonly Handover[], code: string | undefined): Handover | undefined {
  const told = handovers.findLast(({ reason }) => reason !== undefined && reason === code);
  if (told !== undefined || code === "client-aborted") return told && policyOf(handovers, told);
  const last = handovers.findLast(isEnd);
  return last && policyOf(handovers, last);
}

/** Of a section that did not pass, the policy in it by which it did not. What forwarding failed with is the upstream's. */
function policyOf(handovers: readonly Handover[], decider: Handover): Handover {
  if (decider.policy !== undefined) return decider;
  const within = handovers
    .slice(0, handovers.indexOf(decider))
    .findLast((one) => one.policy !== undefined && isEnd(one) && one.reason === decider.reason);
  return within === undefined || within.step === "forward-request" ? decider : within;
}

function isEnd({ outcome }: Handover): boolean {
  return outcome !== "passed" && outcome !== "retried";
}

function stepText({ door, step, policy, outcome }: Handover): string {
  const where = policy === undefined ? "" : ` (${printable(policy)})`;
  return `${door} door, step ${printable(step)}${where}, which ${outcome}${outcome === "passed" ? "" : " the request"}`;
}

function defaultDecider({ decision, reasons: [code] }: StoredRecord): string {
  if (code === "client-aborted") return "the client, which went away";
  return decision === "allow" ? "every door, which let the request pass" : "the gateway, outside any step";
}

/** Records may be newer than this program; a code it does not know is shown as it is. */
function reasonOf(code: string): Reason | undefined {
  return Object.hasOwn(reasons, code) ? reasons[code as keyof typeof reasons] : undefined;
}
