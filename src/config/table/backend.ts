import type { UpstreamProtocol } from "#model/definition.ts";
import { choice } from "#config/shapes/choice.ts";
import { list, oneOrMore } from "#config/shapes/list.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Named, record } from "#config/shapes/record.ts";
import { type TextSource, textOrSecret } from "#config/shapes/secret.ts";
import { type Located, located, withFallback } from "#config/shapes/shape.ts";
import { anyText } from "#config/shapes/text.ts";
import { type IdentityShownInput, identityShownShape } from "./assertion.ts";
import {
  type BalanceInput,
  backendUrl,
  balanceShape,
  type StickyInput,
  stickyShape,
  type TargetInput,
  targetShape,
} from "./balance.ts";
import {
  type BackendAuthorizationInput,
  backendAuthorizationShape,
  fieldName,
  parameterName,
} from "./backend-credentials.ts";
import { type BackendTlsInput, backendTlsShape } from "./backend-tls.ts";
import { type DiscoveryInput, discoveryShape } from "./discovery.ts";
import {
  type CircuitBreakerInput,
  circuitBreakerShape,
  type HealthInput,
  healthShape,
  type OutliersInput,
  outliersShape,
  type PassiveHealthInput,
  passiveHealthShape,
} from "./health.ts";
import { type RetriesInput, retriesShape } from "./retries.ts";

export interface BackendInput {
  readonly url: Located<string> | undefined;
  readonly urls: Located<readonly string[]> | undefined;
  readonly targets: Located<readonly TargetInput[]> | undefined;
  readonly discover: Located<DiscoveryInput> | undefined;
  readonly balance: Located<BalanceInput> | undefined;
  readonly sticky: StickyInput | undefined;
  readonly retries: RetriesInput | undefined;
  readonly connectTimeout: number;
  readonly idleTimeout: number;
  readonly maxConnections: number;
  readonly maxWaiting: number;
  readonly protocol: Located<UpstreamProtocol> | undefined;
  readonly host: "preserve" | "upstream" | undefined;
  readonly ca: Located<string> | undefined;
  readonly tls: Located<BackendTlsInput> | undefined;
  readonly proxyProtocol: Located<"v1" | "v2"> | undefined;
  readonly headers: readonly Named<readonly TextSource[]>[];
  readonly query: readonly Named<readonly TextSource[]>[];
  readonly authorization: Located<BackendAuthorizationInput> | undefined;
  readonly identity: IdentityShownInput | undefined;
  readonly health: HealthInput | undefined;
  readonly passiveHealth: PassiveHealthInput | undefined;
  readonly circuitBreaker: CircuitBreakerInput | undefined;
  readonly outliers: OutliersInput | undefined;
  readonly slowStart: number;
}

const second = 1000;
const minute = 60 * second;

/** Whether one of `url`, `urls`, `targets` and `discover` is there is checked where backends are put together. */
export const backendShape: ObjectShape<BackendInput> = object<BackendInput>("a backend", {
  url: { shape: located(backendUrl), about: "http(s)://host[:port][/base], or unix:/path of a socket." },
  urls: { shape: located(withFallback(list(backendUrl, 1), [])), about: "Several URLs of equal weight." },
  targets: {
    shape: located(withFallback(list(targetShape, 1), [])),
    about: "Several URLs with weight and priority.",
  },
  discover: { shape: discoveryShape, about: "Targets from DNS, asked for again and again." },
  balance: {
    shape: balanceShape,
    about: "How a target is chosen; in turn when absent, by weight when weights differ.",
  },
  sticky: { shape: stickyShape, about: "A cookie keeps each client with its target; none when absent." },
  retries: { shape: retriesShape, about: "What is tried again when a target fails; nothing when absent." },
  connectTimeout: { shape: duration(10, 5 * minute), about: "Time to connect.", default: 3 * second },
  idleTimeout: { shape: duration(second, 60 * minute), about: "Idle connection in the pool.", default: 2 * minute },
  maxConnections: { shape: integer(1, 65_535), about: "Connections per worker and address.", default: 256 },
  maxWaiting: { shape: integer(0, 1_000_000), about: "Requests that wait for a connection.", default: 1024 },
  protocol: {
    shape: located(choice<UpstreamProtocol>(["auto", "http/1.1", "h2", "h2c"])),
    about:
      "http/1.1 (default), h2 (HTTP/2 over TLS), h2c (HTTP/2 over clear text), auto: what the backend chooses over TLS.",
  },
  host: {
    shape: choice(["preserve", "upstream"]),
    about: "Host that the backend sees: the client's (default for http) or its own (default for https).",
  },
  ca: { shape: located(anyText), about: "PEM file of further certificate authorities for this backend." },
  tls: { shape: located(backendTlsShape), about: "Client certificate, server name and TLS version for https." },
  proxyProtocol: {
    shape: located(choice(["v1", "v2"])),
    about: "Tell the backend the client's address by the PROXY protocol; connections are then not shared by clients.",
  },
  headers: {
    shape: record("header fields", oneOrMore(textOrSecret), fieldName),
    about: "Header fields that every request has, whatever the client sent: text, { env: NAME } or { file: path }.",
    default: [],
  },
  query: {
    shape: record("query parameters", oneOrMore(textOrSecret), parameterName),
    about: "Query parameters that every request has, whatever the client sent.",
    default: [],
  },
  authorization: {
    shape: located(backendAuthorizationShape),
    about:
      "What Authorization says, whatever the client sent; none: the client's own is not passed on; original: it is (default).",
  },
  identity: {
    shape: identityShownShape,
    about: "What it is told of who calls: headers (default), assertion (X-Sallyport-Assertion, signed), both, or none.",
  },
  health: { shape: healthShape, about: "Active check; none when absent." },
  passiveHealth: { shape: passiveHealthShape, about: "What is learned from requests; nothing when absent." },
  circuitBreaker: { shape: circuitBreakerShape, about: "Leaves a failing target alone; none when absent." },
  outliers: { shape: outliersShape, about: "Takes out targets that do worse than the others; none when absent." },
  slowStart: {
    shape: duration(0, 60 * minute),
    about: "Until a target that came back has all its weight; 0: at once.",
    default: 0,
  },
});
