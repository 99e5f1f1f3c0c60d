import { hostType } from "#notation/csharp/type/host-type.ts";
import { defaultOf, isInstance, typeOfValue } from "#notation/csharp/type/runtime-type.ts";
import { registryHolder } from "#notation/csharp/type/registry-holder.ts";
import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import {
  bodyOf,
  HeadersView,
  type ListsView,
  ResponseView,
  TextsView,
  UrlView,
  VariablesView,
} from "#notation/csharp/context/views.ts";
import type {
  CsApi,
  CsContext,
  CsDeployment,
  CsGraphQl,
  CsLastError,
  CsNamed,
  CsOperation,
  CsProduct,
  CsRequest,
  CsSubscription,
  CsUser,
} from "#notation/csharp/context/provider.ts";
import { DateTime, kinds, ticksOfUnix } from "#notation/csharp/value/date-time.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { emptyGuid, type Guid, readGuid } from "#notation/csharp/value/guid.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { NetDictionary } from "#notation/csharp/value/net-dictionary.ts";
import { argumentNull, invalidCast } from "#notation/csharp/value/net-exception.ts";
import { TimeSpan } from "#notation/csharp/value/time-span.ts";
import type { DictionaryLike } from "#notation/csharp/value/dictionary-like.ts";
import { X509Certificate2 } from "#notation/csharp/crypto/certificate.ts";
import { productStateTable } from "./enums.ts";

const namespace = "";

/** An object of the context: data under the name of its interface. */
class Facts<T> {
  readonly netType: string;
  readonly data: T;

  constructor(netType: string, data: T) {
    this.netType = netType;
    this.data = data;
  }

  toString(): string {
    return this.netType;
  }
}

function wrap<T>(netType: string, data: T | null): Facts<T> | null {
  return data === null ? null : new Facts(netType, data);
}

function list<T>(netType: string, items: readonly T[]): NetArray {
  return new NetArray(
    hostType(netType),
    items.map((item) => new Facts(netType, item)),
  );
}

const date = (milliseconds: number): DateTime => new DateTime(ticksOfUnix(milliseconds), kinds.utc);
const dateOrNull = (milliseconds: number | null): DateTime | null =>
  milliseconds === null ? null : date(milliseconds);
const certificate = (der: Uint8Array | null): X509Certificate2 | null =>
  der === null ? null : new X509Certificate2(der, { isVerified: true });

function guidOf(text: string): Guid {
  return readGuid(text) ?? emptyGuid;
}

type Texts = HeadersView | ListsView | TextsView;

const contextTable: TypeTable = {
  name: "IProxyRequestContext",
  namespace,
  kind: "interface",
  members: {
    "Api: IContextApi": (self: CsContext) => wrap("IContextApi", self.api),
    "Deployment: IDeployment": (self: CsContext) => wrap("IDeployment", self.deployment),
    "Elapsed: TimeSpan": (self: CsContext) => new TimeSpan(BigInt(Math.round(self.elapsed * 10_000))),
    "GraphQL: IGraphQL": (self: CsContext) => wrap("IGraphQL", self.graphQL),
    "LastError: ILastError": (self: CsContext) => wrap("ILastError", self.lastError),
    "Operation: IOperation": (self: CsContext) => wrap("IOperation", self.operation),
    "Product: IProduct": (self: CsContext) => wrap("IProduct", self.product),
    "Request: IRequest": (self: CsContext) => wrap("IRequest", self.request),
    "RequestId: Guid": (self: CsContext) => guidOf(self.requestId),
    "Response: IResponse": (self: CsContext) => (self.response === null ? null : new ResponseView(self.response)),
    "Subscription: ISubscription": (self: CsContext) => wrap("ISubscription", self.subscription),
    "Timestamp: DateTime": (self: CsContext) => date(self.timestamp),
    "Tracing: bool": (self: CsContext) => self.tracing,
    "Trace(string message): void": (self: CsContext, message: string | null) => self.trace(message ?? ""),
    "User: IUser": (self: CsContext) => wrap("IUser", self.user),
    "Variables: IReadOnlyDictionary<string, object>": (self: CsContext) => new VariablesView(self.variables),
    "Workspace: IWorkspace": (self: CsContext) => wrap("IWorkspace", self.workspace),
  },
};

const requestTable: TypeTable = {
  name: "IRequest",
  namespace,
  kind: "interface",
  members: {
    "Body: IMessageBody": (self: Facts<CsRequest>) => bodyOf(self.data),
    "Certificate: X509Certificate2": (self: Facts<CsRequest>) => certificate(self.data.certificate),
    "Headers: IReadOnlyDictionary<string, string[]>": (self: Facts<CsRequest>) => new HeadersView(self.data.headers),
    "IpAddress: string": (self: Facts<CsRequest>) => self.data.ipAddress,
    "MatchedParameters: IReadOnlyDictionary<string, string>": (self: Facts<CsRequest>) =>
      new TextsView(self.data.matchedParameters),
    "Method: string": (self: Facts<CsRequest>) => self.data.method,
    "OriginalUrl: IUrl": (self: Facts<CsRequest>) => new UrlView(self.data.originalUrl),
    "Url: IUrl": (self: Facts<CsRequest>) => new UrlView(self.data.url),
    "PrivateEndpointConnection: IPrivateEndpointConnection": (self: Facts<CsRequest>) =>
      wrap("IPrivateEndpointConnection", self.data.privateEndpoint),
  },
};

const responseTable: TypeTable = {
  name: "IResponse",
  namespace,
  kind: "interface",
  members: {
    "Body: IMessageBody": (self: ResponseView) => bodyOf(self.response),
    "Headers: IReadOnlyDictionary<string, string[]>": (self: ResponseView) => new HeadersView(self.response.headers),
    "StatusCode: int": (self: ResponseView) => self.response.statusCode,
    "StatusReason: string": (self: ResponseView) => self.response.statusReason,
  },
};

const urlTable: TypeTable = {
  name: "IUrl",
  namespace,
  kind: "interface",
  members: {
    "Scheme: string": (self: UrlView) => self.uri.scheme,
    "Host: string": (self: UrlView) => self.uri.host,
    "Port: int": (self: UrlView) => self.uri.port,
    "Path: string": (self: UrlView) => self.uri.path,
    "QueryString: string": (self: UrlView) => self.uri.query,
    "Query: IReadOnlyDictionary<string, string[]>": (self: UrlView) => self.query,
    "ToUri(): Uri": (self: UrlView) => self.uri,
    "ToString(): string": (self: UrlView) => self.toString(),
  },
};

const apiMembers: NonNullable<TypeTable["members"]> = {
  "Id: string": (self: Facts<CsApi>) => self.data.id,
  "Name: string": (self: Facts<CsApi>) => self.data.name,
  "Path: string": (self: Facts<CsApi>) => self.data.path,
  "Protocols: IEnumerable<string>": (self: Facts<CsApi>) => new NetArray(hostType("String"), [...self.data.protocols]),
  "ServiceUrl: IUrl": (self: Facts<CsApi>) =>
    self.data.serviceUrl === null ? null : new UrlView(self.data.serviceUrl),
  "SubscriptionKeyParameterNames: ISubscriptionKeyParameterNames": (self: Facts<CsApi>) =>
    new Facts("ISubscriptionKeyParameterNames", self.data),
};

function idAndName(name: string): TypeTable {
  return {
    name,
    namespace,
    kind: "interface",
    members: {
      "Id: string": (self: Facts<CsNamed>) => self.data.id,
      "Name: string": (self: Facts<CsNamed>) => self.data.name,
    },
  };
}

function withMembers(table: TypeTable, members: NonNullable<TypeTable["members"]>): TypeTable {
  return { ...table, members: { ...table.members, ...members } };
}

const stateFacts = { id: "ProductState", table: productStateTable };

const productTable = withMembers(idAndName("IProduct"), {
  "Apis: IEnumerable<IApi>": (self: Facts<CsProduct>) => list("IApi", self.data.apis),
  "Groups: IEnumerable<IGroup>": (self: Facts<CsProduct>) => list("IGroup", self.data.groups),
  "ApprovalRequired: bool": (self: Facts<CsProduct>) => self.data.approvalRequired,
  "SubscriptionRequired: bool": (self: Facts<CsProduct>) => self.data.subscriptionRequired,
  "SubscriptionLimit: int?": (self: Facts<CsProduct>) => self.data.subscriptionLimit,
  "SubscriptionsLimit: int?": (self: Facts<CsProduct>) => self.data.subscriptionLimit,
  "State: ProductState": (self: Facts<CsProduct>) => new EnumValue(stateFacts, self.data.isPublished ? 1 : 0),
});

const subscriptionTable = withMembers(idAndName("ISubscription"), {
  "CreatedDate: DateTime": (self: Facts<CsSubscription>) => date(self.data.createdDate),
  "CreatedTime: DateTime": (self: Facts<CsSubscription>) => date(self.data.createdDate),
  "StartDate: DateTime?": (self: Facts<CsSubscription>) => dateOrNull(self.data.startDate),
  "EndDate: DateTime?": (self: Facts<CsSubscription>) => dateOrNull(self.data.endDate),
  "Key: string": (self: Facts<CsSubscription>) => self.data.key,
});

const userTable: TypeTable = {
  name: "IUser",
  namespace,
  kind: "interface",
  members: {
    "Id: string": (self: Facts<CsUser>) => self.data.id,
    "Email: string": (self: Facts<CsUser>) => self.data.email,
    "FirstName: string": (self: Facts<CsUser>) => self.data.firstName,
    "LastName: string": (self: Facts<CsUser>) => self.data.lastName,
    "Note: string": (self: Facts<CsUser>) => self.data.note,
    "Groups: IEnumerable<IGroup>": (self: Facts<CsUser>) => list("IGroup", self.data.groups),
    "Identities: IEnumerable<IUserIdentity>": (self: Facts<CsUser>) => list("IUserIdentity", self.data.identities),
    "RegistrationDate: DateTime": (self: Facts<CsUser>) => date(self.data.registrationDate),
  },
};

const deploymentTable: TypeTable = {
  name: "IDeployment",
  namespace,
  kind: "interface",
  members: {
    "GatewayId: string": (self: Facts<CsDeployment>) => self.data.gatewayId,
    "Region: string": (self: Facts<CsDeployment>) => self.data.region,
    "ServiceName: string": (self: Facts<CsDeployment>) => self.data.serviceName,
    "ServiceId: string": (self: Facts<CsDeployment>) => self.data.serviceId,
    "Gateway: IGateway": (self: Facts<CsDeployment>) => new Facts("IGateway", self.data),
    "Certificates: IReadOnlyDictionary<string, X509Certificate2>": (self: Facts<CsDeployment>) => {
      const made = new NetDictionary([hostType("String"), hostType("X509Certificate2")]);
      for (const [name, { raw, privateKey }] of self.data.certificates) {
        made.put(name, new X509Certificate2(raw, { privateKey }));
      }
      return made;
    },
  },
};

const gatewayTable: TypeTable = {
  name: "IGateway",
  namespace,
  kind: "interface",
  members: {
    "Id: string": (self: Facts<CsDeployment>) => self.data.gatewayId,
    "InstanceId: string": (self: Facts<CsDeployment>) => self.data.instanceId,
    "IsManaged: bool": (self: Facts<CsDeployment>) => self.data.isManaged,
  },
};

const lastErrorTable: TypeTable = {
  name: "ILastError",
  namespace,
  kind: "interface",
  members: {
    "Source: string": (self: Facts<CsLastError>) => self.data.source,
    "Reason: string": (self: Facts<CsLastError>) => self.data.reason,
    "Message: string": (self: Facts<CsLastError>) => self.data.message,
    "Scope: string": (self: Facts<CsLastError>) => self.data.scope,
    "Section: string": (self: Facts<CsLastError>) => self.data.section,
    "Path: string": (self: Facts<CsLastError>) => self.data.path,
    "PolicyId: string": (self: Facts<CsLastError>) => self.data.policyId,
    "HttpErrorCode: int": (self: Facts<CsLastError>) => self.data.httpErrorCode,
  },
};

function variable(type: CsType, self: DictionaryLike, name: string | null, fallback: unknown): unknown {
  if (name === null) throw argumentNull("key");
  const value = self.find(name);
  if (value === undefined) return fallback;
  // What is there with another type is an error, not a default: the two would otherwise look the same.
  if (value !== null && !isInstance(value, type))
    throw invalidCast(show(typeOfValue(value, registryHolder())), show(type));
  return value ?? defaultOf(type);
}

function joined(self: DictionaryLike, name: string | null, fallback: string | null): string | null {
  if (name === null) throw argumentNull("key");
  if ("joined" in self) return (self as unknown as Texts).joined(name) ?? fallback;
  const value = self.find(name);
  if (value === undefined || value === null) return fallback;
  return value instanceof NetArray ? value.items.join(",") : (value as string);
}

/** Extension methods of the product on its dictionaries. */
const dictionaryExtensions: TypeTable = {
  name: "DictionaryExtensions",
  namespace,
  kind: "static",
  statics: {
    "GetValueOrDefault(this IReadOnlyDictionary<string, string[]> dictionary, string key): string": (
      self: DictionaryLike,
      name: string | null,
    ) => joined(self, name, null),
    "GetValueOrDefault(this IReadOnlyDictionary<string, string[]> dictionary, string key, string defaultValue): string":
      joined,
    "GetValueOrDefault(this IReadOnlyDictionary<string, string> dictionary, string key): string": (
      self: DictionaryLike,
      name: string | null,
    ) => joined(self, name, null),
    "GetValueOrDefault(this IReadOnlyDictionary<string, string> dictionary, string key, string defaultValue): string":
      joined,
    "GetValueOrDefault(this IReadOnlyDictionary<string, object> dictionary, string key): object": (
      self: DictionaryLike,
      name: string | null,
    ) => variable(hostType("Object"), self, name, null),
    "GetValueOrDefault<type T>(this IReadOnlyDictionary<string, object> dictionary, string key): T": (
      type: CsType,
      self: DictionaryLike,
      name: string | null,
    ) => variable(type, self, name, defaultOf(type)),
    "GetValueOrDefault<type T>(this IReadOnlyDictionary<string, object> dictionary, string key, T defaultValue): T":
      variable,
    "GetValueOrDefault<TKey, type TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key): TValue": (
      type: CsType,
      self: DictionaryLike,
      key: unknown,
    ) => self.find(key) ?? defaultOf(type),
    "GetValueOrDefault<TKey, TValue>(this IReadOnlyDictionary<TKey, TValue> dictionary, TKey key, TValue defaultValue): TValue":
      (self: DictionaryLike, key: unknown, fallback: unknown) => self.find(key) ?? fallback,
    "TryGetValue<type T>(this IReadOnlyDictionary<string, object> dictionary, string key, out T value): bool": (
      type: CsType,
      self: DictionaryLike,
      name: string,
      result: Ref,
    ) => {
      const value = self.find(name);
      const isThere = value !== undefined && isInstance(value, type);
      result.value = isThere ? value : defaultOf(type);
      return isThere;
    },
  },
};

export const contextTables: readonly TypeTable[] = [
  contextTable,
  requestTable,
  responseTable,
  urlTable,
  { name: "IApi", namespace, kind: "interface", members: apiMembers },
  {
    name: "IContextApi",
    namespace,
    kind: "interface",
    implements: ["IApi"],
    members: {
      "IsCurrentRevision: bool": (self: Facts<CsApi>) => self.data.isCurrentRevision,
      "Revision: string": (self: Facts<CsApi>) => self.data.revision,
      "Version: string": (self: Facts<CsApi>) => self.data.version,
    },
  },
  {
    name: "ISubscriptionKeyParameterNames",
    namespace,
    kind: "interface",
    members: {
      "Header: string": (self: Facts<CsApi>) => self.data.keyHeader,
      "Query: string": (self: Facts<CsApi>) => self.data.keyQuery,
    },
  },
  withMembers(idAndName("IOperation"), {
    "Method: string": (self: Facts<CsOperation>) => self.data.method,
    "UrlTemplate: string": (self: Facts<CsOperation>) => self.data.urlTemplate,
  }),
  productTable,
  subscriptionTable,
  userTable,
  deploymentTable,
  gatewayTable,
  lastErrorTable,
  idAndName("IGroup"),
  idAndName("IWorkspace"),
  {
    name: "IUserIdentity",
    namespace,
    kind: "interface",
    members: {
      "Id: string": (self: Facts<{ readonly id: string }>) => self.data.id,
      "Provider: string": (self: Facts<{ readonly provider: string }>) => self.data.provider,
    },
  },
  {
    name: "IPrivateEndpointConnection",
    namespace,
    kind: "interface",
    members: {
      "Name: string": (self: Facts<NonNullable<CsRequest["privateEndpoint"]>>) => self.data.name,
      "GroupId: string": (self: Facts<NonNullable<CsRequest["privateEndpoint"]>>) => self.data.groupId,
      "MemberName: string": (self: Facts<NonNullable<CsRequest["privateEndpoint"]>>) => self.data.memberName,
    },
  },
  {
    name: "IGraphQL",
    namespace,
    kind: "interface",
    members: {
      "Arguments: JObject": (self: Facts<CsGraphQl>) => self.data.arguments,
      "Parent: JObject": (self: Facts<CsGraphQl>) => self.data.parent,
    },
  },
  dictionaryExtensions,
];
