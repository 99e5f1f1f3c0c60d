import type { Access, ErrorFormat } from "#model/definition.ts";
import type { PolicyDocument } from "#model/policy-tree.ts";
import { parseHost } from "#config/checks/host.ts";
import { parseApiPath } from "#config/checks/paths.ts";
import { parsePeer, parseParameterName, parseShownHeaderName, parseVersion } from "#config/checks/words.ts";
import { access } from "#config/shapes/access.ts";
import { fixed } from "#config/shapes/fixed.ts";
import { clientCertificate } from "#config/shapes/client-certificate.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { list, oneOrMore } from "#config/shapes/list.ts";
import { duration, integer, size } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { policies } from "#config/shapes/policies.ts";
import { type Named, operationName, record } from "#config/shapes/record.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";
import { type AcmeServerInput, acmeServerShape } from "./acme-server.ts";
import { type IdentityShownInput, identityShownShape } from "./assertion.ts";
import { type BasicAccessInput, basicAccessShape } from "./basic.ts";
import { type CompressInput, compressShape } from "./compress.ts";
import { type DiagnosticsInput, diagnosticsShape } from "./diagnostics.ts";
import { type ShadowInput, shadowShape } from "./shadow.ts";
import { type MaintenanceInput, maintenanceShape } from "./maintenance.ts";
import { type HandlerInput, handlerFields } from "./handler.ts";
import { upgradesField } from "./upgrades.ts";
import { maxBodySize } from "./limits.ts";
import { type ApiRetriesInput, apiRetriesShape } from "./retries.ts";
import { type OperationInput, operationShape } from "./operation.ts";

export interface SubscriptionKeyInput {
  readonly header: string;
  readonly query: string;
  readonly forward: boolean;
}

export interface ApiInput extends HandlerInput {
  readonly acmeServer: Located<AcmeServerInput> | undefined;
  readonly displayName: string | undefined;
  readonly hosts: Located<readonly string[]> | undefined;
  readonly ports: readonly number[];
  readonly path: string | undefined;
  readonly versionSet: Located<string> | undefined;
  readonly version: Located<string> | undefined;
  readonly revision: number | undefined;
  readonly current: boolean;
  readonly openapi: Located<string> | undefined;
  readonly graphql: Located<string> | undefined;
  readonly wsdl: Located<string> | undefined;
  readonly rootSlash: boolean;
  readonly matchQuery: "required" | undefined;
  readonly operations: Located<readonly Named<OperationInput>[]> | undefined;
  readonly access: Access;
  readonly clientCertificate: "require" | "request" | undefined;
  readonly subscriptionKey: SubscriptionKeyInput;
  readonly errors: ErrorFormat | undefined;
  readonly bodySize: number | undefined;
  readonly timeout: number;
  readonly retries: ApiRetriesInput | undefined;
  readonly trustedProxies: readonly string[];
  readonly forwardAuth: Located<boolean> | undefined;
  readonly identity: IdentityShownInput | undefined;
  readonly basic: BasicAccessInput | undefined;
  readonly login: boolean;
  readonly compress: CompressInput | undefined;
  readonly maintenance: MaintenanceInput | undefined;
  readonly upgrades: readonly string[] | undefined;
  readonly diagnostics: DiagnosticsInput | undefined;
  readonly shadow: ShadowInput | "off" | undefined;
  readonly policies: PolicyDocument;
}

const unsaid: Access = { kind: "unsaid" };

const subscriptionKeyShape = object<SubscriptionKeyInput>("subscriptionKey", {
  header: {
    shape: text("the name of a header field", parseShownHeaderName),
    about: "Header that holds the key.",
    default: "Ocp-Apim-Subscription-Key",
  },
  query: {
    shape: text("the name of a query parameter", parseParameterName),
    about: "Query parameter that holds the key, looked at when the header is absent.",
    default: "subscription-key",
  },
  forward: { shape: flag, about: "The key travels on to the backend.", default: false },
});

export const apiShape: ObjectShape<ApiInput> = object<ApiInput>("an API", {
  displayName: { shape: anyText, about: "Name to show; the API's name when absent." },
  hosts: {
    shape: located(oneOrMore(text("a host name", parseHost))),
    about: "Host names; *.example.com for one label; any host when absent.",
  },
  ports: {
    shape: oneOrMore(integer(1, 65_535)),
    about:
      "Ports of edge.listen that it is served at; one of http there means clear text. All listeners when absent, but those of http where HTTPS is on.",
    default: [],
  },
  path: { shape: text("a path", parseApiPath), about: "Path that the API is at, such as /orders.", required: true },
  versionSet: { shape: located(anyText), about: "Version set that it is a version of." },
  version: {
    shape: located(text("the name of a version", parseVersion)),
    about: "Name of this version; without it, what is served when none is asked for.",
  },
  revision: { shape: integer(1, 999_999), about: "Number of this revision: also served at its path with ;rev=N." },
  current: { shape: flag, about: "false: a revision that is served at its path with ;rev=N alone.", default: true },
  openapi: {
    shape: fixed("what an API consists of", located(anyText)),
    about: "OpenAPI 3.0 or 3.1 or Swagger 2.0 document (YAML or JSON) beside this file.",
  },
  graphql: {
    shape: fixed("what an API consists of", located(anyText)),
    about: "GraphQL schema of it, in GraphQL's schema language, beside this file: validate-graphql-request.",
  },
  wsdl: {
    shape: fixed("what an API consists of", located(anyText)),
    about: "WSDL 1.1 document of it, beside this file: validate-content takes its schemas for XML and SOAP.",
  },
  rootSlash: {
    shape: flag,
    about: "false: a request for the API's own path asks the backend's URL as it is, without a slash behind it.",
    default: true,
  },
  matchQuery: {
    shape: choice(["required"]),
    about:
      "required: what the OpenAPI document requires of the query takes part in matching, as in API Management: without it the operation is not meant.",
  },
  operations: {
    shape: located(record("operations", operationShape, operationName)),
    about: "Operations, or settings of the document's operations by operationId.",
  },
  ...handlerFields,
  acmeServer: {
    shape: located(acmeServerShape),
    about: "The internal CA serves ACME here, for certificates of a team's own services.",
  },
  access: {
    shape: fixed("who may call", access),
    about: "Who may call; a product that holds the API when absent.",
    default: unsaid,
  },
  clientCertificate: {
    shape: fixed("who may call", clientCertificate),
    about: "require: a request without a verified client certificate is refused.",
  },
  subscriptionKey: {
    shape: subscriptionKeyShape,
    about: "Where a subscription key is sent.",
    default: subscriptionKeyShape.empty,
  },
  errors: {
    shape: choice(["problem", "api-management", "empty"]),
    about: "How refusals look; the definition's own when absent.",
  },
  bodySize: { shape: size(0, maxBodySize), about: "Bytes of a request's body; edge.limits.bodySize when absent." },
  timeout: { shape: duration(10, 3_600_000), about: "Time until the response's headers.", default: 60_000 },
  retries: { shape: apiRetriesShape, about: "What of this API may be tried again, where the backend has retries." },
  trustedProxies: {
    shape: list(text("an IP address or range, or unix", parsePeer)),
    about: "Proxies whose forwarded headers are believed for this API, besides edge.trustedProxies.",
    default: [],
  },
  basic: {
    shape: fixed("who may call", basicAccessShape),
    about: "Users of one of identity.basic are an identity here, by their passwords.",
  },
  login: {
    shape: fixed("who may call", flag),
    about:
      "Sessions of people who have logged in are an identity here, and browsers are led to the login; false: for programs alone.",
    default: true,
  },
  forwardAuth: {
    shape: fixed("who may ask", located(flag)),
    about: "Another proxy forwards its requests and asks here about each (edge.forwardAuth); false when absent.",
  },
  identity: {
    shape: identityShownShape,
    about:
      "What the application behind it is told of who calls: headers, assertion, both, or none; what its backend says when absent.",
  },
  compress: { shape: compressShape, about: "Compression of responses; the definition's own when absent." },
  maintenance: { shape: maintenanceShape, about: "Answers 503 instead of the API; the definition's own when absent." },
  upgrades: upgradesField,
  diagnostics: {
    shape: diagnosticsShape,
    about: "What is told of its requests, and to whom; what the definition says when absent.",
  },
  shadow: {
    shape: shadowShape,
    about: "An old gateway that is asked the same once the client has its answer, to compare; none when absent.",
  },
  policies: { shape: policies("api"), about: "Policies of this API.", default: {} },
});
