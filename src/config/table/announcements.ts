import { parseServiceUrl } from "#config/checks/urls.ts";
import { flag } from "#config/shapes/choice.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, type Parsed, text } from "#config/shapes/text.ts";

export interface WebhookInput {
  readonly url: string | undefined;
  readonly secret: SecretSource | undefined;
  readonly answers: boolean;
}

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

export interface MailInput {
  readonly server: MailServer | undefined;
  readonly from: string | undefined;
  readonly user: Located<string> | undefined;
  readonly password: SecretSource | undefined;
}

export interface AnnouncementsInput {
  readonly url: string | undefined;
  readonly webhooks: readonly Named<WebhookInput>[];
  readonly email: MailInput | undefined;
}

/** `smtps://host[:465]`, or `smtp://host[:587]`, which goes over to TLS before anything is said. */
function parseMailServer(written: string): Parsed<MailServer> {
  const [, scheme, host, port] = /^(smtps?):\/\/([A-Za-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i.exec(written) ?? [];
  const secure = scheme?.toLowerCase() === "smtps";
  const number = port === undefined ? (secure ? 465 : 587) : Number(port);
  if (host === undefined || number < 1 || number > 65_535) {
    return {
      problem: `${written} is no mail server`,
      fix: "write smtps://mail.example.com or smtp://mail.example.com:587",
    };
  }
  return { value: { host: host.replace(/^\[|\]$/g, "").toLowerCase(), port: number, secure } };
}

/** One plain address: what goes into a field of a mail cannot be anything else. */
export function parseAddress(written: string): Parsed<string> {
  if (/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}$/.test(written)) return { value: written };
  return { problem: `${written} is no e-mail address`, fix: "write name@example.com" };
}

/** Links in mails lead there: no path, so that it is a host of this gateway. */
function parseSite(written: string): Parsed<string> {
  const url = parseServiceUrl(written);
  if ("problem" in url) return url;
  const { origin, pathname } = new URL(written);
  return pathname === "/" ? { value: origin } : { problem: `${written} has a path`, fix: `write ${origin}` };
}

const webhookShape = object<WebhookInput>("a webhook", {
  url: { shape: text("a URL", parseServiceUrl), about: "Where it is told, with POST.", required: true },
  secret: {
    shape: secret,
    about: "Signs what is sent (Standard Webhooks): whsec_ and base64, or any text.",
    required: true,
  },
  answers: { shape: flag, about: "Take its signed answers at /.sallyport/access/webhook.", default: false },
});

const emailShape = object<MailInput>("announcements.email", {
  server: {
    shape: text("a mail server", parseMailServer),
    about: "smtps://host, or smtp://host with STARTTLS.",
    required: true,
  },
  from: { shape: text("an e-mail address", parseAddress), about: "Sender of the mails.", required: true },
  user: { shape: located(anyText), about: "Whom to log in as; nobody when absent." },
  password: { shape: secret, about: "Password of that user." },
});

export const announcementsShape: ObjectShape<AnnouncementsInput> = object<AnnouncementsInput>("announcements", {
  url: {
    shape: text("a URL without a path", parseSite),
    about: "Where links lead: https and a host of this gateway that people reach.",
    required: true,
  },
  webhooks: {
    shape: record("webhooks", webhookShape),
    about: "Systems that are told each step of access requests, by name.",
    default: [],
  },
  email: { shape: emailShape, about: "E-mail to the addresses in `mailTo` of an approval." },
});
