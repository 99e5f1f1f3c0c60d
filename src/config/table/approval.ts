import type { PartyRule } from "#model/approvals.ts";
import { parseAddress } from "./announcements.ts";
import { list } from "#config/shapes/list.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { party } from "#config/shapes/party.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface ApproversInput {
  readonly anyOf: readonly PartyRule[] | undefined;
  readonly allOf: readonly PartyRule[] | undefined;
  readonly atLeast: number | undefined;
  readonly of: readonly PartyRule[] | undefined;
}

export interface BreakGlassInput {
  readonly for: readonly PartyRule[] | undefined;
  readonly maxDuration: number;
}

export interface ApprovalInput {
  readonly description: string;
  readonly maxDuration: number;
  readonly answerWithin: number;
  readonly requesters: readonly PartyRule[];
  readonly approvers: Located<ApproversInput> | undefined;
  readonly breakGlass: BreakGlassInput | undefined;
  readonly mailTo: readonly string[];
}

const minute = 60_000;
const day = 86_400_000;
const parties = list(party, 1);

const approversShape = object<ApproversInput>("approvers", {
  anyOf: { shape: parties, about: "One of these is enough." },
  allOf: { shape: parties, about: "A person for each of these, all of them different." },
  atLeast: { shape: integer(2, 10), about: "So many different persons, of those in `of`." },
  of: { shape: parties, about: "Whom `atLeast` counts." },
});

const breakGlassShape = object<BreakGlassInput>("breakGlass", {
  for: { shape: parties, about: "Who may take it in an emergency, without an approver.", required: true },
  maxDuration: { shape: duration(minute, 7 * day), about: "Longest time of it.", default: 60 * minute },
});

/** What access rules may ask for, and how somebody comes to it. */
export const approvalShape: ObjectShape<ApprovalInput> = object<ApprovalInput>("an approval", {
  description: { shape: anyText, about: "What it is for; whoever asks and whoever decides reads it.", default: "" },
  maxDuration: {
    shape: duration(minute, 90 * day),
    about: "Longest time that it is given for.",
    default: 8 * 60 * minute,
  },
  answerWithin: {
    shape: duration(minute, 90 * day),
    about: "A request without an answer lapses then.",
    default: 7 * day,
  },
  requesters: { shape: parties, about: "Who may ask; everybody who is known when absent.", default: [] },
  approvers: {
    shape: located(approversShape),
    about: "Whose word it takes; never that of whoever asks.",
    required: true,
  },
  mailTo: {
    shape: list(text("an e-mail address", parseAddress)),
    about: "Who is written to when somebody asks, or breaks the glass (announcements.email).",
    default: [],
  },
  breakGlass: { shape: breakGlassShape, about: "Lets somebody take it in an emergency, with a reason and an alarm." },
});
