import type { ControlEvent } from "#model/control-events.ts";
import type { AccessMail } from "./access-message.ts";

type Details = ControlEvent["details"];

/** What a webhook is told of a secret that has a schedule. The secret is not in it, old or new. */
export function secretPayload({ event, details }: ControlEvent, at: number): object {
  const { entry, ...more } = details;
  return { type: event, timestamp: new Date(at).toISOString(), data: { secret: entry, ...more } };
}

/** For those who look after a secret: what has happened, and what to do. Null: no mail is due of such an event. */
export function secretMail({ event, details }: ControlEvent): AccessMail | null {
  const said = saidOf(event, String(details.entry), details);
  if (said === null) return null;
  const [subject, ...lines] = said;
  return { subject: `${subject}: ${String(details.entry)}`, text: `${lines.join("\n")}\n` };
}

/** Subject, and lines. */
function saidOf(
  event: ControlEvent["event"],
  name: string,
  { due, until, step, why }: Details,
): readonly [string, ...string[]] | null {
  switch (event) {
    case "secret.due":
      return [
        "Secret due",
        `The secret ${name} is due for a new one on ${String(due)}.`,
        "Where nothing makes new ones, change it where it is: the gateway notices.",
      ];
    case "secret.rotated":
      return [
        "Secret changed",
        `There is a new secret ${name}, and the gateway uses it.`,
        ...(until === undefined ? [] : [`The one before goes on until ${String(until)}.`]),
      ];
    case "secret.rotation-failed":
      return [
        "Secret not changed",
        `The secret ${name} could not be changed (${String(step)}): ${String(why)}.`,
        "The one in use goes on, and the gateway tries again.",
      ];
    case "secret.dropped":
      return ["Secret dropped", `The secret ${name} from before is not good any more.`];
    default:
      return null;
  }
}
