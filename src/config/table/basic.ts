import type { BasicAccess } from "#model/basic-users.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { list } from "#config/shapes/list.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { short } from "#config/shapes/short.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface BasicUserInput {
  readonly hash: SecretSource | undefined;
  readonly groups: readonly string[];
}

export interface BasicUsersInput {
  readonly realm: string;
  readonly users: readonly Named<BasicUserInput>[];
}

/** A colon ends the name in what a client sends. */
const userName = {
  pattern: "^[!-9;-~](?:[ -9;-~]{0,126}[!-9;-~])?$",
  fix: "use printable ASCII without a colon, at most 128",
};

const userShape = object<BasicUserInput>("a user", {
  hash: {
    shape: secret,
    about: "Hash of the password, bcrypt or argon2id: sallyport hash-password makes one.",
    required: true,
  },
  groups: { shape: list(anyText), about: "Groups that the user is in.", default: [] },
});

const realm = text("the name of a realm", (written) =>
  /^[ !#-[\]-~]{1,128}$/.test(written)
    ? { value: written }
    : { problem: "a realm is printable ASCII without quotes and backslashes", fix: "write realm: Staff" },
);

export const basicUsersShape: ObjectShape<BasicUsersInput> = object<BasicUsersInput>("a list of users", {
  realm: { shape: realm, about: "What clients are asked for a password of.", default: "restricted" },
  users: { shape: record("users", userShape, userName), about: "The users by name.", default: [] },
});

export interface BasicAccessInput extends Omit<BasicAccess, "users" | "realm"> {
  readonly users: Located<string> | undefined;
}

const accessShape = object<BasicAccessInput>("basic", {
  users: { shape: located(anyText), about: "One of identity.basic.", required: true },
  wrong: {
    shape: choice(["refuse", "ignore"]),
    about: "refuse: whoever shows a wrong password is refused, wherever it is. ignore: it makes nobody.",
    default: "refuse",
  },
  forward: { shape: flag, about: "Authorization, with the password in it, travels on to the backend.", default: false },
});

/** `basic: staff` for `basic: { users: staff }`. */
export const basicAccessShape: Shape<BasicAccessInput> = short(accessShape, "users", located(anyText));
