import type { ListenerKind, ListenPlace } from "#model/definition.ts";
import { parseListenPlace } from "#config/checks/listen-socket.ts";
import { parseHeaderName, parsePeer } from "#config/checks/words.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { fixed } from "#config/shapes/fixed.ts";
import { list, oneOrMore } from "#config/shapes/list.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { mapOr } from "#config/shapes/map-or.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { type ForwardAuthInput, forwardAuthShape, type HeaderSecretInput, headerSecretShape } from "./forward-auth.ts";
import { anyText, text } from "#config/shapes/text.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { parseEmail } from "#config/checks/acme.ts";
import { type AcmeInput, acmeShape } from "./acme.ts";
import { limitsShape, type LimitsInput } from "./limits.ts";

export interface SecureListenInput {
  readonly address: ListenPlace | undefined;
  readonly clientCertificates: Located<ListenerCertificatesInput> | undefined;
}

export interface ListenInput {
  readonly https: Located<readonly Located<SecureListenInput>[]> | undefined;
  readonly http: Located<readonly Located<ListenPlace>[]> | undefined;
  readonly proxyProtocol: Located<readonly ListenerKind[]> | undefined;
  readonly advertised: Located<AdvertisedInput> | undefined;
}

export interface AdvertisedInput {
  readonly https: number | undefined;
  readonly http: number | undefined;
}

export interface HstsInput {
  readonly maxAge: number | undefined;
  readonly includeSubDomains: boolean;
}

export interface ClientCertificatesInput {
  readonly mode: "request" | "require";
  readonly ca: readonly Located<string>[];
  readonly internalCa: boolean;
}

/** Of one listener, which may leave out what all the others ask for. */
export interface ListenerCertificatesInput extends Omit<ClientCertificatesInput, "mode"> {
  readonly mode: ClientCertificatesInput["mode"] | "none";
}

export interface FileCertificateInput {
  readonly certificate: Located<string> | undefined;
  readonly key: SecretSource | undefined;
}

export interface EdgeInput {
  readonly https: "auto" | "internal" | "off";
  readonly email: string | undefined;
  readonly acme: Located<AcmeInput> | undefined;
  readonly certificates: readonly FileCertificateInput[];
  readonly listen: ListenInput;
  readonly trustedProxies: readonly string[];
  readonly proxySecret: Located<HeaderSecretInput> | undefined;
  readonly forwardedHeader: boolean;
  readonly clientCertificates: Located<ClientCertificatesInput> | undefined;
  readonly hsts: HstsInput | undefined;
  readonly allowHeaderNames: readonly string[];
  readonly forwardAuth: Located<ForwardAuthInput> | undefined;
  readonly limits: LimitsInput;
}

const day = 86_400_000;
const place = text("an address or a socket to listen on", parseListenPlace);
const authorities = {
  ca: {
    shape: oneOrMore(located(anyText)),
    about: "PEM files with the authorities whose certificates are believed.",
    default: [],
  },
  internalCa: { shape: flag, about: "Certificates of the internal CA are believed as well.", default: false },
};

const listenerCertificatesShape = object<ListenerCertificatesInput>("clientCertificates of a listener", {
  mode: {
    shape: fixed("what clients have to show", choice(["none", "request", "require"])),
    about: "none: clients are not asked here; request and require as in edge.clientCertificates.",
    default: "request",
  },
  ...authorities,
});

const secureListenShape = object<SecureListenInput>("a listener", {
  address: { shape: place, about: "An address and a port, or a Unix socket.", required: true },
  clientCertificates: {
    shape: located(listenerCertificatesShape),
    about: "What its clients are asked for, instead of edge.clientCertificates.",
  },
});

const listenShape = object<ListenInput>("edge.listen", {
  https: {
    shape: located(
      oneOrMore(located(mapOr(secureListenShape, place, (address) => ({ address, clientCertificates: undefined })))),
    ),
    about: "Where HTTPS is served; :8443 when absent.",
  },
  http: {
    shape: located(oneOrMore(located(place))),
    about: "Where plain HTTP is answered (redirects, unless https is off); :8080 when absent.",
  },
  proxyProtocol: {
    shape: located(oneOrMore(choice(["https", "http"]))),
    about: "Listeners where trustedProxies send a PROXY header (v1 or v2) first; others are refused there.",
  },
  advertised: {
    shape: located(
      object<AdvertisedInput>("edge.listen.advertised", {
        https: { shape: integer(1, 65_535), about: "Port that HTTPS is reached at: redirects lead there." },
        http: {
          shape: integer(1, 65_535),
          about: "Port that plain HTTP is reached at: certificates name it for revocation lists.",
        },
      }),
    ),
    about:
      "Ports that clients use, where a port mapping or load balancer in front has others; those of the listeners when absent.",
  },
});

const certificateShape = object<FileCertificateInput>("a certificate", {
  certificate: {
    shape: located(anyText),
    about: "PEM file with the certificate and its chain, leaf first.",
    required: true,
  },
  key: { shape: secret, about: "Its private key, PEM: { file: … } or { env: … }.", required: true },
});

export const edgeShape: ObjectShape<EdgeInput> = object<EdgeInput>("edge", {
  https: {
    shape: choice(["auto", "internal", "off"]),
    about:
      "Certificates: auto (ACME for public names, the internal CA for others), internal, or off behind a trusted TLS edge.",
    default: "auto",
  },
  email: {
    shape: text("an e-mail address", parseEmail),
    about: "Where certificate authorities write to when something is wrong.",
  },
  acme: { shape: located(acmeShape), about: "How certificates of public authorities are had." },
  certificates: {
    shape: list(certificateShape),
    about: "Certificates of your own; they go before all others, and are read anew when their files change.",
    default: [],
  },
  listen: {
    shape: listenShape,
    about: "Addresses and ports, or Unix sockets: unix:/run/gateway.sock|0660.",
    default: listenShape.empty,
  },
  trustedProxies: {
    shape: list(text("an IP address or range, or unix", parsePeer)),
    about: "Proxies whose forwarded headers are believed; unix: whoever comes over a Unix socket.",
    default: [],
  },
  proxySecret: {
    shape: located(headerSecretShape("edge.proxySecret")),
    about:
      "Header that the proxy in front proves itself by (Azure Front Door: X-Azure-FDID), instead of an address. Without it a request is refused.",
  },
  forwardedHeader: {
    shape: flag,
    about: "Write Forwarded (RFC 7239) for backends, beside the X-Forwarded fields.",
    default: false,
  },
  clientCertificates: {
    shape: located(
      object<ClientCertificatesInput>("edge.clientCertificates", {
        mode: {
          shape: fixed("what every client has to show", choice(["request", "require"])),
          about: "request: clients may send one; require: a request without a verified one is refused.",
          default: "request",
        },
        ...authorities,
      }),
    ),
    about: "Ask clients for a certificate; not asked when absent.",
  },
  hsts: {
    shape: object<HstsInput>("edge.hsts", {
      maxAge: { shape: duration(0, 3650 * day), about: "How long browsers insist on HTTPS.", required: true },
      includeSubDomains: { shape: flag, about: "Subdomains too.", default: false },
    }),
    about: "Strict-Transport-Security on HTTPS responses; not sent when absent.",
  },
  allowHeaderNames: {
    shape: list(text("the name of a header field", parseHeaderName)),
    about: "Header names with _ or . that may pass; others of that kind are dropped.",
    default: [],
  },
  forwardAuth: {
    shape: located(forwardAuthShape),
    about:
      "Where proxies that forward by themselves (Caddy forward_auth, nginx auth_request) ask; nowhere when absent.",
  },
  limits: { shape: limitsShape, about: "Bounds on what clients can send and hold.", default: limitsShape.empty },
});
