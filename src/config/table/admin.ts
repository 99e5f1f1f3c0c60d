import type { ListenAddress, RoleRule } from "#model/definition.ts";
import { parseExactHost } from "#config/checks/host.ts";
import { parseListen } from "#config/checks/listen.ts";
import { flag } from "#config/shapes/choice.ts";
import { list } from "#config/shapes/list.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { role } from "#config/shapes/role.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface AdminTlsInput {
  readonly certificate: Located<string> | undefined;
  readonly key: SecretSource | undefined;
}

export interface AdminRolesInput {
  readonly viewer: RoleRule | undefined;
  readonly operator: RoleRule | undefined;
}

export interface AdminHistoryInput {
  readonly keep: number;
  readonly maxAge: number;
}

export interface AdminInput {
  readonly socket: boolean;
  readonly listen: Located<ListenAddress> | undefined;
  readonly hosts: readonly string[];
  readonly tls: AdminTlsInput | undefined;
  readonly provider: Located<string> | undefined;
  readonly audience: string | undefined;
  readonly roles: AdminRolesInput;
  readonly history: AdminHistoryInput;
}

const day = 86_400_000;

const rolesShape = object<AdminRolesInput>("admin.roles", {
  viewer: { shape: role, about: "Who may read; an operator may as well." },
  operator: { shape: role, about: "Who may change the configuration." },
});

const historyShape = object<AdminHistoryInput>("admin.history", {
  keep: { shape: integer(1, 10_000), about: "Configurations kept; the one in force is always kept.", default: 100 },
  maxAge: { shape: duration(day, 3650 * day), about: "Older ones are removed.", default: 365 * day },
});

export const adminShape: ObjectShape<AdminInput> = object<AdminInput>("admin", {
  socket: {
    shape: flag,
    about: "Serve the admin API on a Unix socket in the data folder, for this process's own user.",
    default: true,
  },
  listen: {
    shape: located(text("an address to listen on", parseListen)),
    about: "Serve it here as well, over TLS; every call then needs a token of the provider and a role.",
  },
  hosts: {
    shape: list(text("a host name", parseExactHost)),
    about: "Names it is called by, beside the address it listens on.",
    default: [],
  },
  tls: {
    shape: object<AdminTlsInput>("admin.tls", {
      certificate: { shape: located(anyText), about: "PEM file with the certificate and its chain.", required: true },
      key: { shape: secret, about: "Its private key, PEM.", required: true },
    }),
    about: "A certificate of your own; one of the internal CA when absent.",
  },
  provider: { shape: located(anyText), about: "Provider whose tokens are taken over TCP." },
  audience: {
    shape: anyText,
    about: "aud of those tokens: one of its own, so that no token for an API opens this door.",
  },
  roles: { shape: rolesShape, about: "Who may do what over TCP.", default: rolesShape.empty },
  history: { shape: historyShape, about: "Earlier configurations to go back to.", default: historyShape.empty },
});
