import type { Announcements, MailSettings, Webhook } from "#model/announcements.ts";
import type { Approval } from "#model/approvals.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { AnnouncementsInput, MailInput, WebhookInput } from "#config/table/announcements.ts";

/** Shorter ones can be guessed. */
const leastSecret = 24;

export function buildAnnouncements(
  input: AnnouncementsInput | undefined,
  resources: Resources,
  problems: Problems,
): Announcements | null {
  if (input === undefined) return null;
  return {
    url: input.url ?? "",
    webhooks: input.webhooks.flatMap((webhook) => buildWebhook(webhook, resources, problems) ?? []),
    mail: input.email === undefined ? null : buildMail(input.email, resources, problems),
  };
}

/** Somebody believes to be written to. */
export function checkMailSent(
  senders: readonly Pick<Approval, "name" | "mailTo" | "at">[],
  announcements: Announcements | null,
  problems: Problems,
): void {
  if (announcements !== null && announcements.mail !== null) return;
  for (const { name, mailTo, at } of senders) {
    if (mailTo.length === 0) continue;
    const fix = "write announcements: { url: …, email: { server: …, from: … } }";
    problems.warn("setting-unused", at, `${name} has mailTo, and there is no mail server to send by`, fix);
  }
}

function buildWebhook(
  { name, value: { url = "", secret: source, answers } }: Named<WebhookInput>,
  { secrets }: Resources,
  problems: Problems,
): Webhook | undefined {
  const secret = source && secrets.get(source);
  if (source === undefined || secret === undefined) return undefined;
  if (secret.reveal().length < leastSecret) {
    const message = `the secret of ${name} from ${secret.origin} is shorter than ${leastSecret} characters`;
    problems.error("value-invalid", source.at, message, "make one: openssl rand -base64 32");
  }
  return { name, url, secret, answers };
}

function buildMail(
  { server, from = "", user, password: source }: MailInput,
  { secrets }: Resources,
  problems: Problems,
): MailSettings | null {
  if ((user === undefined) !== (source === undefined)) {
    const at = user?.at ?? source?.at;
    if (at !== undefined) problems.error("key-missing", at, "user and password belong together", "write both, or none");
  }
  if (server === undefined) return null;
  const password = source && secrets.get(source);
  return {
    ...server,
    from,
    login: user === undefined || password === undefined ? null : { user: user.value, password },
  };
}
