import { parseExactHost } from "#config/checks/host.ts";
import { parsePlainPath } from "#config/checks/paths.ts";
import { parseHeaderName, parsePeer } from "#config/checks/words.ts";
import { choice } from "#config/shapes/choice.ts";
import { list } from "#config/shapes/list.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { text } from "#config/shapes/text.ts";

export interface HeaderSecretInput {
  readonly header: string | undefined;
  readonly value: SecretSource | undefined;
}

export interface ForwardAuthInput {
  readonly path: string | undefined;
  readonly hosts: readonly string[];
  readonly callers: readonly string[];
  readonly secret: HeaderSecretInput | undefined;
  readonly question: "headers" | "path";
  readonly login: "redirect" | "status";
}

/** @param kind what it is a secret of, for messages */
export function headerSecretShape(kind: string): ObjectShape<HeaderSecretInput> {
  return object<HeaderSecretInput>(kind, {
    header: {
      shape: text("the name of a header field", parseHeaderName),
      about: "Header field that holds it; taken out before anything else sees the request.",
      required: true,
    },
    value: { shape: secret, about: "The secret: 16 to 256 printable characters.", required: true },
  });
}

export const forwardAuthShape: ObjectShape<ForwardAuthInput> = object<ForwardAuthInput>("edge.forwardAuth", {
  path: {
    shape: text("a plain path", parsePlainPath),
    about: "Where proxies ask, such as /.sallyport/auth.",
    required: true,
  },
  hosts: {
    shape: list(text("a host name", parseExactHost)),
    about: "Hosts it answers at; any host when absent.",
    default: [],
  },
  callers: {
    shape: list(text("an IP address or range, or unix", parsePeer)),
    about: "Proxies that may ask; needed unless there is a secret.",
    default: [],
  },
  secret: {
    shape: headerSecretShape("edge.forwardAuth.secret"),
    about: "Header that each question must carry; needed unless callers are named. With both, both must hold.",
  },
  question: {
    shape: choice(["headers", "path"]),
    about:
      "headers: in X-Forwarded-Method, -Proto, -Host and -Uri (Caddy, nginx, Traefik). path: the request's own method and Host, its target behind the path (Envoy).",
    default: "headers",
  },
  login: {
    shape: choice(["redirect", "status"]),
    about:
      "For a browser that should log in: a redirect that the proxy passes on; or status 401 with the same Location, for nginx.",
    default: "redirect",
  },
});
