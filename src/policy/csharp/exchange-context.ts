import { createPrivateKey } from "node:crypto";
import { queryText } from "#notation/operation-template.ts";
import type { Exchange } from "#model/exchange.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";
import type { Clock } from "#model/ports.ts";
import type { ProductApiFacts } from "#model/snapshot.ts";
import type {
  CsApi,
  CsCertificate,
  CsContext,
  CsDeployment,
  CsLastError,
  CsOperation,
  CsProduct,
  CsRequest,
  CsResponse,
  CsSubscription,
  CsUrl,
  CsUser,
  CsVariables,
} from "#notation/csharp/context/provider.ts";
import { lastErrorReason } from "./last-error.ts";
import { requestOf, responseOf } from "./messages.ts";
import { noteTrace } from "./note-trace.ts";
import { VariablesOf } from "./variables.ts";

/** What C# expressions see of one exchange. Nothing is copied before it is asked for. */
export class ExchangeContext implements CsContext {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #secret: boolean;
  // Nothing here that API Management has and this gateway has not.
  readonly tracing = false;
  readonly workspace = null;
  readonly graphQL = null;

  constructor(exchange: Exchange, clock: Clock, secret: boolean) {
    this.#exchange = exchange;
    this.#clock = clock;
    this.#secret = secret;
  }

  trace(message: string): void {
    noteTrace(this.#secret ? "***" : message, this.#exchange);
  }

  get requestId(): string {
    return this.#exchange.facts.id;
  }

  get timestamp(): number {
    return this.#exchange.facts.startedAt;
  }

  get elapsed(): number {
    return this.#clock.mono() - this.#exchange.facts.startedMono;
  }

  get request(): CsRequest {
    return requestOf(this.#exchange);
  }

  get response(): CsResponse | null {
    return responseOf(this.#exchange);
  }

  get variables(): CsVariables {
    return new VariablesOf(this.#exchange.variables);
  }

  get deployment(): CsDeployment {
    const { region = "", serviceName = "", gatewayId = "" } = this.#exchange.deployment ?? {};
    const service = { serviceName, serviceId: serviceName, instanceId: serviceName };
    return { region, gatewayId, ...service, isManaged: gatewayId === "managed", certificates: this.#certificates };
  }

  get #certificates(): ReadonlyMap<string, CsCertificate> {
    const { ownCertificates } = this.#exchange;
    if (ownCertificates === null) return noCertificates;
    return new Map([...ownCertificates].map(([name, own]) => [name, certificateOf(own)]));
  }

  get api(): CsApi | null {
    const { api } = this.#exchange;
    if (api === null) return null;
    return {
      id: api.name,
      name: api.displayName,
      path: api.path,
      protocols: ["https"],
      serviceUrl: this.#serviceUrl,
      keyHeader: api.subscriptionKey.header,
      keyQuery: api.subscriptionKey.query,
      isCurrentRevision: api.revision?.current !== false,
      revision: String(api.revision?.number ?? 1),
      version: api.version === "" ? null : api.version,
    };
  }

  /** Of the API itself, wherever a policy has the request go. */
  get #serviceUrl(): CsUrl | null {
    const { serviceUrls, route } = this.#exchange;
    const href = serviceUrls[route?.backend ?? -1] ?? "";
    return href === "" ? null : { href };
  }

  get operation(): CsOperation | null {
    const { route, api } = this.#exchange;
    if (route === null) return null;
    const prefix = api === null || api.path === "/" ? "" : api.path;
    const path = route.template.startsWith(prefix) ? route.template.slice(prefix.length) : route.template;
    const urlTemplate = path + queryText(route.query);
    return { id: route.operation, name: route.operation, method: route.method, urlTemplate };
  }

  get product(): CsProduct | null {
    const { product } = this.#exchange;
    if (product === null) return null;
    const { offer } = product;
    return {
      id: product.name,
      name: product.displayName,
      apis: (offer?.apis ?? []).map(productApi),
      groups: (offer?.groups ?? []).map((name) => ({ id: name, name })),
      approvalRequired: offer?.approvalRequired === true,
      subscriptionRequired: product.subscription === "key" || product.subscription === "either",
      subscriptionLimit: offer?.subscriptionsLimit ?? null,
      isPublished: offer?.isPublished !== false,
    };
  }

  get subscription(): CsSubscription | null {
    const { subscription, facts, api } = this.#exchange;
    if (subscription === null) return null;
    const { details } = subscription;
    const { header = "", query = "" } = api?.subscriptionKey ?? {};
    const key = facts.headers.get(header.toLowerCase()) ?? new URLSearchParams(facts.query).get(query) ?? "";
    return {
      id: subscription.id,
      name: details?.displayName ?? subscription.id,
      createdDate: details?.createdAt ?? 0,
      startDate: details?.startedAt ?? null,
      endDate: details?.endsAt ?? null,
      key,
    };
  }

  /** Whom the subscription belongs to, as there; without such a user, whom a token names. */
  get user(): CsUser | null {
    const { principal, subscription } = this.#exchange;
    const owner = subscription?.details?.owner() ?? null;
    if (owner !== null) return { ...owner, registrationDate: owner.registeredAt };
    if (principal.kind !== "user") return null;
    const [firstName = "", ...rest] = (principal.displayName ?? "").split(" ");
    return {
      id: principal.subject,
      email: principal.email ?? "",
      firstName,
      lastName: rest.join(" "),
      note: "",
      groups: principal.groups.map((name) => ({ id: name, name })),
      identities: [{ id: principal.subject, provider: principal.provider ?? principal.issuer }],
      registrationDate: 0,
    };
  }

  get lastError(): CsLastError | null {
    const { lastError, response } = this.#exchange;
    if (lastError === null) return null;
    const { source, message, scope, section, path, policyId, reason, name } = lastError;
    return {
      source,
      reason: name ?? lastErrorReason(reason),
      message,
      scope,
      section,
      path,
      policyId,
      httpErrorCode: response?.status ?? 500,
    };
  }
}

const noCertificates: ReadonlyMap<string, CsCertificate> = new Map();

function certificateOf(own: OwnCertificate): CsCertificate {
  return {
    raw: Buffer.from(own.chainPem, "latin1"),
    privateKey: () => {
      const pem = own.revealKey();
      return pem === null ? null : createPrivateKey(pem);
    },
  };
}

function productApi({ name, displayName, path, subscriptionKey }: ProductApiFacts): CsApi {
  return {
    id: name,
    name: displayName,
    path,
    protocols: ["https"],
    serviceUrl: null,
    keyHeader: subscriptionKey.header,
    keyQuery: subscriptionKey.query,
    isCurrentRevision: true,
    revision: "1",
    version: null,
  };
}
