import type { AccessMail } from "./access-message.ts";
import type { KeyNotice } from "./key-notice.ts";

/** What a webhook is told of a key. There is no key in it, old or new. */
export function keyPayload(notice: KeyNotice): object {
  const { step, at, subscription, scope, owner, slot, key, before, dueAt, until, usedAt } = notice;
  return {
    type: `key.${step}`,
    timestamp: timeText(at),
    data: {
      subscription,
      scope,
      owner,
      slot,
      key,
      before: before ?? null,
      dueAt: orNull(dueAt),
      endsAt: orNull(until),
      usedAt: orNull(usedAt),
    },
  };
}

/** For the owner of a subscription: what has happened, and what to do. @param site where the pages are */
export function keyMail(notice: KeyNotice, site: string): AccessMail {
  const { subject, lines } = said(notice, site);
  return { subject, text: `${lines.join("\n")}\n` };
}

function said(notice: KeyNotice, site: string): { readonly subject: string; readonly lines: readonly string[] } {
  const { step, at, subscription, slot, key, dueAt, until } = notice;
  const which = `The ${slot} key (${key}) of your subscription ${subscription}`;
  const end = until === undefined ? "has ended" : `goes on until ${timeText(until)}`;
  const ask = ["", "Ask those who run the gateway for a new one: the definition declares it."];
  const make = [
    "",
    "Make a new one here (you have to log in); the one that you have now goes on for a while beside it:",
    `${site}/.sallyport/keys`,
  ];
  const renew = notice.isDeclared === true ? ask : make;
  const move = [
    "",
    "Give your clients the subscription's newest key before that.",
    ...(notice.isDeclared === true ? [] : ["You make another one here:", `${site}/.sallyport/keys`]),
  ];
  switch (step) {
    case "due":
      return { subject: `Key due: ${subscription}`, lines: [`${which} ${dueText(dueAt ?? at, at)}.`, ...renew] };
    case "rotated":
      return {
        subject: `New key: ${subscription}`,
        lines: [
          `There is a new ${slot} key (${key}) of your subscription ${subscription}; the one before ${end}.`,
          "It was shown to whoever made it, and is in no message.",
        ],
      };
    case "retired":
      return {
        subject: `Key ends: ${subscription}`,
        lines: [`${which} was due, and there is a newer one: it ${end}.`, ...move],
      };
    case "ending":
      return {
        subject: `Old key still used: ${subscription}`,
        lines: [`${which} is an old one, is still used, and ${end}.`, ...move],
      };
    case "ended":
      return { subject: `Key ended: ${subscription}`, lines: [`${which} has ended.`] };
  }
}

function dueText(dueAt: number, now: number): string {
  return dueAt > now ? `is due on ${timeText(dueAt)}` : `was due on ${timeText(dueAt)}`;
}

function orNull(time: number | undefined): string | null {
  return time === undefined ? null : timeText(time);
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}
