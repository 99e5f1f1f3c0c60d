import { table } from "#cli/table.ts";

interface Party {
  readonly id: string;
  readonly name: string;
}

/** A request as the admin API shows it. */
export interface AccessRow {
  readonly id: string;
  readonly approval: string;
  readonly state: string;
  readonly requester: Party;
  readonly reason: string;
  readonly durationSeconds: number;
  readonly createdAt: string;
  readonly answerBy: string;
  readonly endsAt: string | null;
  readonly steps: readonly {
    readonly step: string;
    readonly by: Party | null;
    readonly behalfOf: Party | null;
    readonly comment: string;
    readonly at: string;
  }[];
}

export function requestTable(requests: readonly AccessRow[]): string {
  const rows = requests.map(({ id, approval, state, requester, reason, endsAt }) => [
    id,
    approval,
    state,
    requester.id,
    endsAt ?? "",
    reason,
  ]);
  return `${table(["ID", "APPROVAL", "STATE", "FOR", "ENDS", "REASON"], rows).join("\n")}\n`;
}

export function describeRequest({ id, approval, state, answerBy, endsAt, steps }: AccessRow): string {
  const until = state === "pending" ? `, to be answered by ${answerBy}` : endsAt === null ? "" : `, until ${endsAt}`;
  const rows = steps.map(({ step, by, behalfOf, comment, at }) => [
    at,
    step,
    `${by?.id ?? "the gateway"}${behalfOf === null ? "" : ` for ${behalfOf.id}`}`,
    comment,
  ]);
  return `${id}: ${approval} is ${state}${until}\n${table(["TIME", "STEP", "BY", "WHY"], rows).join("\n")}\n`;
}
