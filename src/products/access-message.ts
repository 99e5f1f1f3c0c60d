import type { Party } from "#model/access-requests.ts";
import type { AccessEvent } from "./access-requests.ts";

/** A mail about an access request; what a requester has written stands in its text alone. */
export interface AccessMail {
  readonly subject: string;
  readonly text: string;
}

/** What a webhook is told of a step. */
export function webhookPayload({ request, approval, step }: AccessEvent, site: string): object {
  const { id, reason, state, requester, durationMs, grantee, isBreakGlass } = request;
  return {
    type: `access.${step.step}`,
    timestamp: timeText(step.at),
    data: {
      id,
      approval: request.approval,
      description: approval?.description ?? "",
      opens: approval?.opens ?? [],
      state,
      requester: shown(requester),
      grantee,
      reason,
      durationSeconds: durationMs / 1000,
      breakGlass: isBreakGlass,
      by: step.by && shown(step.by),
      behalfOf: step.behalfOf && shown(step.behalfOf),
      comment: step.comment,
      answerBy: timeText(request.answerBy),
      endsAt: request.endsAt === null ? null : timeText(request.endsAt),
      url: `${site}/.sallyport/access/decide`,
    },
  };
}

/** Without what it is found again by. */
function shown({ id, kind, name, email, actors, user }: Party): Omit<Party, "origin"> {
  return { id, kind, name, email, actors, user };
}

/** For approvers: what is asked, and where to answer. */
export function requestMail({ request, approval }: AccessEvent, link: string): AccessMail {
  const { requester, durationMs, reason, answerBy } = request;
  const description = approval?.description ?? "";
  return {
    subject: `Access asked for: ${request.approval}`,
    text: lines([
      `${nameOf(requester)} asks for ${request.approval} for ${durationMs / 60_000} minutes.`,
      ...(description === "" ? [] : [`It is for: ${description}`]),
      "",
      `Reason given: ${reason}`,
      "",
      `Answer here until ${timeText(answerBy)} (you have to log in; the link works once):`,
      link,
    ]),
  };
}

/** An alarm: it has happened already. */
export function breakGlassMail({ request }: AccessEvent, site: string): AccessMail {
  return {
    subject: `Glass broken: ${request.approval}`,
    text: lines([
      `${nameOf(request.requester)} has taken ${request.approval} without an approver, until ${timeText(request.endsAt ?? 0)}.`,
      "",
      `Reason given: ${request.reason}`,
      "",
      `To end it: sallyport access revoke ${request.id}`,
      `${site}/.sallyport/access`,
    ]),
  };
}

/** On one line: people choose their names, and must not write the rest of the mail by one. */
function nameOf({ name, id, actors }: Party): string {
  const through = actors.length === 0 ? "" : `, through ${actors.join(", ")}`;
  return `${name === "" ? id : `${name.slice(0, 200)} (${id})`}${through}`.replaceAll(
    /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu,
    " ",
  );
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
