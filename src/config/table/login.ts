import { list } from "#config/shapes/list.ts";
import { duration } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { orFlag } from "#config/shapes/or-flag.ts";
import type { Shape } from "#config/shapes/shape.ts";
import { anyText } from "#config/shapes/text.ts";

/** `off`: written as `login: false`. */
export type LoginInput = LoginFields | "off";

interface LoginFields {
  readonly scopes: readonly string[];
  readonly prompt: string | undefined;
  readonly label: string | undefined;
}

export interface SessionInput {
  readonly idle: number;
  readonly lifetime: number;
  readonly check: number;
}

const minute = 60_000;
const day = 86_400_000;

const wholeShape: ObjectShape<LoginFields> = object<LoginFields>("login", {
  scopes: {
    shape: list(anyText),
    about:
      "Scopes that are asked for; openid is always among them, and most providers want offline_access for refreshing.",
    default: ["openid", "profile", "email"],
  },
  prompt: { shape: anyText, about: "OpenID Connect prompt, such as select_account or consent." },
  label: { shape: anyText, about: "Name for people, where they choose between providers; the provider's when absent." },
});

/** `login: true`, `false`, or a map. */
export const loginShape: Shape<LoginInput> = orFlag(wholeShape);

export const sessionShape: ObjectShape<SessionInput> = object<SessionInput>("identity.session", {
  idle: {
    shape: duration(1000, 30 * day),
    about: "A session without a request for so long is over.",
    default: 30 * minute,
  },
  lifetime: { shape: duration(1000, 90 * day), about: "A session is over then, however busy.", default: day / 2 },
  check: {
    shape: duration(1000, minute),
    about:
      "How old what the provider says of a person may be in a session that is used: groups, and whether they are still there.",
    default: minute,
  },
});
