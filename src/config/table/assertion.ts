import { duration } from "#config/shapes/numbers.ts";
import { choice } from "#config/shapes/choice.ts";
import { oneOrMore } from "#config/shapes/list.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { text } from "#config/shapes/text.ts";

export interface AssertionInput {
  readonly issuer: string;
  readonly rotate: number;
}

const hour = 3_600_000;
const day = 24 * hour;

/** @see RFC 7519 §2: a StringOrURI with a colon is a URI */
const issuer = text("an issuer", (value) =>
  /^[\x21-\x7e]{1,200}$/.test(value) && (!value.includes(":") || URL.canParse(value))
    ? { value }
    : { problem: "this is no issuer", fix: "write a name, or a URI such as https://api.example.com" },
);

export const assertionShape: ObjectShape<AssertionInput> = object<AssertionInput>("assertion", {
  issuer: { shape: issuer, about: "iss of assertions; what verifiers hold them to.", default: "sallyport" },
  rotate: {
    shape: duration(hour, 365 * day),
    about: "How long a key signs; the next one is published well before.",
    default: 30 * day,
  },
});

export type IdentityWord = "headers" | "assertion" | "none";
export type IdentityShownInput = Located<readonly IdentityWord[]>;

export const identityShownShape: Shape<IdentityShownInput> = located(
  oneOrMore(choice<IdentityWord>(["headers", "assertion", "none"])),
);
