import type { AuditSettings, Deployment, ErrorFormat } from "#model/definition.ts";
import type { PolicyDocument } from "#model/policy-tree.ts";
import { parseEgressPattern } from "#config/checks/egress-pattern.ts";
import { parseServiceUrl } from "#config/checks/urls.ts";
import { parseWitnessKey } from "#config/checks/witness-key.ts";
import { choice, constant } from "#config/shapes/choice.ts";
import { list } from "#config/shapes/list.ts";
import { duration, size } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { policies } from "#config/shapes/policies.ts";
import { type Named, record } from "#config/shapes/record.ts";
import type { Shape } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";
import { type AdminInput, adminShape } from "./admin.ts";
import { type AnnouncementsInput, announcementsShape } from "./announcements.ts";
import { type ApprovalInput, approvalShape } from "./approval.ts";
import { type ApiInput, apiShape } from "./api.ts";
import { type BackendInput, backendShape } from "./backend.ts";
import { type CacheInput, cacheShape } from "./cache.ts";
import { type CheckInput, checkShape } from "./check.ts";
import { type CompressInput, compressShape } from "./compress.ts";
import { type DiagnosticsInput, diagnosticsShape } from "./diagnostics.ts";
import { type HandlerInput, handlerFields } from "./handler.ts";
import { type LoggerInput, loggerShape } from "./logger.ts";
import { type SchemaInput, schemaShape } from "./schema.ts";
import { noRedaction, type RedactionRules } from "#model/redaction.ts";
import { parseBodyRule, parseTextPattern } from "./redact.ts";
import { type LogsInput, logsShape } from "./logs.ts";
import { type MaintenanceInput, maintenanceShape } from "./maintenance.ts";
import { type NamedCertificateInput, namedCertificateShape } from "./named-certificate.ts";
import { type ConnectionsInput, connectionsShape } from "./connection.ts";
import { type DaprInput, daprShape } from "./dapr.ts";
import { type EdgeInput, edgeShape } from "./edge.ts";
import { environmentsShape } from "./environment.ts";
import { type IdentityInput, identityShape } from "./identity.ts";
import { type ProductInput, productShape, type SubscriptionInput, subscriptionShape } from "./product.ts";
import { type FabricInput, serviceFabricShape } from "./service-fabric.ts";
import { type SecretRotationInput, secretRotationShape } from "./secret-rotation.ts";
import { type SinkInput, sinkShape } from "./sink.ts";
import { type ServiceBusInput, serviceBusShape } from "./service-bus.ts";
import { type TelemetryInput, telemetryShape } from "./telemetry.ts";
import { type VersionSetInput, versionSetShape } from "./version-set.ts";

export interface EgressInput {
  readonly allow: readonly string[];
}

interface RetentionBounds {
  readonly size: number | undefined;
  readonly age: number | undefined;
}

export interface RetentionInput {
  readonly size: number | undefined;
  readonly age: number | undefined;
  readonly behind: RetentionBounds;
}

export interface CosignerInput {
  readonly url: string | undefined;
  readonly key: string | undefined;
}

export interface WitnessInput {
  readonly url: string | undefined;
  readonly file: string | undefined;
  readonly cosigner: CosignerInput | undefined;
  readonly every: number;
}

export interface AuditInput {
  readonly durability: AuditSettings["durability"];
  readonly segmentSize: number;
  readonly flush: number;
  readonly sync: number;
  readonly compress: AuditSettings["compress"];
  readonly retention: RetentionInput;
  readonly witness: WitnessInput | undefined;
  readonly redact: RedactionRules;
  readonly sinks: readonly Named<SinkInput>[];
}

export interface AnalyticsInput {
  readonly minutes: number;
  readonly hours: number;
  readonly days: number;
}

/** The whole of sallyport.yaml, as it was read. */
export interface RootInput {
  readonly version: number | undefined;
  readonly edge: EdgeInput;
  readonly identity: IdentityInput;
  readonly connections: ConnectionsInput;
  readonly certificates: readonly Named<NamedCertificateInput>[];
  readonly dapr: DaprInput | undefined;
  readonly serviceFabric: readonly Named<FabricInput>[];
  readonly serviceBus: readonly Named<ServiceBusInput>[];
  readonly egress: EgressInput;
  readonly audit: AuditInput;
  readonly analytics: AnalyticsInput;
  readonly telemetry: TelemetryInput;
  readonly diagnostics: DiagnosticsInput | undefined;
  readonly logs: LogsInput;
  readonly admin: AdminInput;
  readonly cache: CacheInput;
  readonly compress: CompressInput | undefined;
  readonly maintenance: MaintenanceInput | undefined;
  readonly deployment: Deployment;
  readonly errors: ErrorFormat;
  readonly policies: PolicyDocument;
  readonly fragments: readonly Named<never>[];
  readonly versionSets: readonly Named<VersionSetInput>[];
  readonly announcements: AnnouncementsInput | undefined;
  readonly approvals: readonly Named<ApprovalInput>[];
  readonly apis: readonly Named<ApiInput>[];
  readonly backends: readonly Named<BackendInput>[];
  readonly endings: readonly Named<HandlerInput>[];
  readonly loggers: readonly Named<LoggerInput>[];
  readonly schemas: readonly Named<SchemaInput>[];
  readonly products: readonly Named<ProductInput>[];
  readonly subscriptions: readonly Named<SubscriptionInput>[];
  readonly checks: readonly Named<CheckInput>[];
  readonly secretRotations: readonly Named<SecretRotationInput>[];
  readonly environments: undefined;
}

const endingShape = object<HandlerInput>("an ending", handlerFields);

const mib = 1024 * 1024;

const egressShape = object<EgressInput>("egress", {
  allow: {
    shape: list(text("a destination", parseEgressPattern)),
    about: "scheme://host[:port] that computed destinations may have; *. for one label.",
    default: [],
  },
});

const keptSize = size(mib, 1024 * 1024 * mib);
const keptAge = duration(3_600_000, 3700 * 86_400_000);

const behindShape = object<RetentionBounds>("audit.retention.behind", {
  size: { shape: keptSize, about: "Bytes beyond retention's own size; as many again when absent." },
  age: { shape: keptAge, about: "Time beyond retention's own age; as long again when absent." },
});

const retentionShape = object<RetentionInput>("audit.retention", {
  size: { shape: keptSize, about: "Bytes of all segments; the oldest go when there are more." },
  age: { shape: keptAge, about: "Segments that ended longer ago than this go." },
  behind: {
    shape: behindShape,
    about: "How much more is kept of what a sink has not taken yet.",
    default: behindShape.empty,
  },
});

const cosignerShape = object<CosignerInput>("audit.witness.cosigner", {
  url: {
    shape: text("a URL", parseServiceUrl),
    about: "Submission prefix of the witness; add-checkpoint comes behind it.",
    required: true,
  },
  key: {
    shape: text("the public key of a witness", parseWitnessKey),
    about: "Its public key: name+id+base64, of Ed25519.",
    required: true,
  },
});

const witnessShape = object<WitnessInput>("audit.witness", {
  url: { shape: text("a URL", parseServiceUrl), about: "Checkpoints are posted there." },
  file: { shape: anyText, about: "File that checkpoints are appended to; best on another machine's disk." },
  cosigner: {
    shape: cosignerShape,
    about: "A witness for transparency logs (C2SP tlog-witness): its cosignatures are verified and kept.",
  },
  every: { shape: duration(1000, 86_400_000), about: "How often, when there is something new.", default: 10_000 },
});

const redactShape = object<RedactionRules>("redact", {
  headers: {
    shape: list(text("the name of a header field", (name) => ({ value: name.toLowerCase() }))),
    about: "Fields of requests and responses whose values are kept out, wherever they turn up.",
    default: [],
  },
  query: {
    shape: list(text("the name of a query parameter", (name) => ({ value: name.toLowerCase() }))),
    about: "Query parameters whose values are kept out, beside the usual names of credentials.",
    default: [],
  },
  body: {
    shape: list(text("a path in a body", parseBodyRule)),
    about: "Places in bodies that are JSON or forms: card.number; * is any one name, ** any number of them.",
    default: [],
  },
  patterns: {
    shape: list(text("a pattern", parseTextPattern)),
    about: "card-number, email, or an expression in RE2's notation: kept out wherever it stands in a text.",
    default: [],
  },
});

const auditShape = object<AuditInput>("audit", {
  durability: {
    shape: choice(["batched", "strict"]),
    about: "strict: no response ends before its record is on the disk, and nothing is forwarded before an intent is.",
    default: "batched",
  },
  segmentSize: {
    shape: size(64 * 1024, 4096 * mib),
    about: "Size at which a segment file is closed.",
    default: 64 * mib,
  },
  flush: { shape: duration(1, 10_000), about: "A record is written within this time.", default: 100 },
  sync: { shape: duration(1, 60_000), about: "A record is on the disk within this time.", default: 1000 },
  compress: {
    shape: choice(["off", "zstd"]),
    about: "zstd: segments that are closed are compressed, to a seventh or so; every command reads them as before.",
    default: "off",
  },
  retention: {
    shape: retentionShape,
    about: "How much is kept; everything when absent.",
    default: retentionShape.empty,
  },
  witness: { shape: witnessShape, about: "Who keeps checkpoints of the record, so that it cannot be written anew." },
  redact: {
    shape: redactShape,
    about: "What is kept out of the record, of traces and of the log, beside credentials.",
    default: noRedaction,
  },
  sinks: {
    shape: record("sinks", sinkShape),
    about: "Who else gets the record, each record at least once, by name.",
    default: [],
  },
});

const hour = 3_600_000;
const day = 24 * hour;

const analyticsShape = object<AnalyticsInput>("analytics", {
  minutes: { shape: duration(3 * hour, 31 * day), about: "How long counts of each minute are kept.", default: 2 * day },
  hours: { shape: duration(2 * day, 400 * day), about: "Of each hour.", default: 35 * day },
  days: { shape: duration(7 * day, 3700 * day), about: "Of each day.", default: 400 * day },
});

const deploymentShape = object<Deployment>("deployment", {
  region: { shape: anyText, about: "Region, such as West Europe.", default: "" },
  serviceName: { shape: anyText, about: "Name of the service.", default: "sallyport" },
  gatewayId: { shape: anyText, about: "Id of the gateway; managed at API Management's own.", default: "sallyport" },
});

/** Environments are read first, by themselves: everything else is filled from the chosen one. */
const readBefore: Shape<never> = { schema: environmentsShape.schema, read: () => undefined };

/** So are fragments: whoever includes one needs it. */
const fragmentShape: Shape<never> = {
  schema: {
    anyOf: [{ type: "string", pattern: "\\.xml$" }, { $ref: "#/$defs/sequence-inner" }],
    description: "A file with a fragment in API Management's XML, or policies.",
  },
  read: () => undefined,
};

export const rootShape: ObjectShape<RootInput> = object<RootInput>("the definition", {
  version: { shape: constant(1), about: "Version of this format: 1.", required: true },
  edge: { shape: edgeShape, about: "HTTPS, addresses and the bounds on clients.", default: edgeShape.empty },
  identity: { shape: identityShape, about: "Who is believed about whom.", default: identityShape.empty },
  connections: {
    shape: connectionsShape,
    about: "What is called with tokens of its own, by credential provider and name: get-authorization-context.",
    default: [],
  },
  certificates: {
    shape: record("certificates", namedCertificateShape),
    about: "Certificates of this gateway as a client, by name: authentication-certificate, backends, keys of tokens.",
    default: [],
  },
  dapr: { shape: daprShape, about: "Dapr's sidecar, for the policies that use it; {} for the usual address." },
  serviceFabric: {
    shape: serviceFabricShape,
    about: "Clusters of Service Fabric by name, whose services set-backend-service looks up.",
    default: [],
  },
  serviceBus: {
    shape: serviceBusShape,
    about: "Namespaces of Azure Service Bus, by host or another name: send-service-bus-message.",
    default: [],
  },
  egress: {
    shape: egressShape,
    about: "Where the gateway may connect on a policy's word.",
    default: egressShape.empty,
  },
  audit: { shape: auditShape, about: "The record of every request.", default: auditShape.empty },
  analytics: {
    shape: analyticsShape,
    about: "Counts of requests by API, subscription and more: how long they are kept.",
    default: analyticsShape.empty,
  },
  telemetry: {
    shape: telemetryShape,
    about: "Traces and metrics for others.",
    default: telemetryShape.empty,
  },
  diagnostics: { shape: diagnosticsShape, about: "What is told of every API's requests, and to whom." },
  logs: { shape: logsShape, about: "Access log, and log lines in files.", default: logsShape.empty },
  admin: { shape: adminShape, about: "The admin API: where, for whom.", default: adminShape.empty },
  cache: { shape: cacheShape, about: "What the caching policies may keep.", default: cacheShape.empty },
  compress: { shape: compressShape, about: "Compression of every API's responses; off when absent." },
  maintenance: { shape: maintenanceShape, about: "Answers 503 instead of every API." },
  deployment: {
    shape: deploymentShape,
    about: "Where this gateway stands, for expressions: context.Deployment.",
    default: deploymentShape.empty,
  },
  errors: {
    shape: choice(["problem", "api-management", "empty"]),
    about: "How refusals look: problem+json (RFC 9457), exactly as API Management's, or empty. An API can say its own.",
    default: "problem",
  },
  policies: { shape: policies("global"), about: "Policies of every API.", default: {} },
  fragments: { shape: record("fragments", fragmentShape), about: "Policies to include, by name.", default: [] },
  versionSets: {
    shape: record("version sets", versionSetShape),
    about: "How requests say which version of an API they want.",
    default: [],
  },
  announcements: { shape: announcementsShape, about: "How people and systems are told of access requests." },
  approvals: {
    shape: record("approvals", approvalShape),
    about: "What is given for a while to whoever asks, by name: access rules ask for it.",
    default: [],
  },
  apis: { shape: record("APIs", apiShape), about: "APIs by name.", default: [] },
  backends: { shape: record("backends", backendShape), about: "Upstream services by name.", default: [] },
  endings: {
    shape: record("endings", endingShape),
    about: "What answers by name instead of a backend, for the policy end-with: respond, redirect, files or fastcgi.",
    default: [],
  },
  schemas: {
    shape: record("schemas", schemaShape),
    about: "Schemas that validate-content names.",
    default: [],
  },
  loggers: {
    shape: record("loggers", loggerShape),
    about: "Where log-to-eventhub and diagnostics send to, by name.",
    default: [],
  },
  products: { shape: record("products", productShape), about: "Bundles of APIs to subscribe to.", default: [] },
  subscriptions: { shape: record("subscriptions", subscriptionShape), about: "Keys by name.", default: [] },
  secretRotations: {
    shape: record("secretRotations", secretRotationShape),
    about: "Secrets that are changed by a schedule, by name: keys that upstreams want, and others.",
    default: [],
  },
  checks: {
    shape: record("checks", checkShape),
    about: "Requests that sallyport verify makes after a deploy, and the answers that are due, by name.",
    default: [],
  },
  environments: { shape: readBefore, about: "Values that differ between environments." },
});
