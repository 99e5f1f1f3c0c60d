import type { Definition } from "#model/definition.ts";
import type { ArgumentUse } from "#notation/policies/policy-reading.ts";
import type { Problems } from "#notation/problems.ts";
import type { ChosenEnvironment } from "#config/environments/choose.ts";
import type { Resources } from "#config/resources.ts";
import type { RootInput } from "#config/table/root.ts";
import { checkAccessSaid } from "./access-said.ts";
import { buildAcmeServers } from "./acme-servers.ts";
import { buildAdmin, checkAdminUnreached } from "./admin.ts";
import { buildAcme } from "./acme.ts";
import { buildApis } from "./apis.ts";
import { buildAssertion } from "./assertion.ts";
import { buildAnnouncements, checkMailSent } from "./announcements.ts";
import { buildApprovals } from "./approvals.ts";
import { buildBasicUsers } from "./basic.ts";
import { buildBackends } from "./backends.ts";
import { buildCache, checkCachingTypes } from "./cache.ts";
import { buildCliLogin } from "./cli-login.ts";
import { buildConnections, checkActors } from "./connections.ts";
import { buildCertificates } from "./certificates.ts";
import { checkCertificateUses } from "./certificate-uses.ts";
import { asksClients, checkCertificatesAsked } from "./client-certificates.ts";
import { buildAudit, buildEdge } from "./edge.ts";
import { buildDiagnostic, checkDiagnosticLoggers } from "./diagnostics.ts";
import { buildEndings } from "./endings.ts";
import { clearPlaces } from "./clear-places.ts";
import { checkForwardAuth } from "./forward-auth-offered.ts";
import { checkGraphqlRules } from "./graphql-rules.ts";
import { checkListenersUnreached } from "./listeners.ts";
import { buildGroupReaders } from "./graph.ts";
import { buildLogin } from "./login.ts";
import { buildChecks } from "./checks.ts";
import { buildInsights, buildLoggers } from "./loggers.ts";
import { buildSchemas, buildXmlSchemas } from "./schemas.ts";
import { buildNamedCertificates } from "./named-certificates.ts";
import { buildMessaging } from "./messaging.ts";
import { buildProducts, buildSubscriptions } from "./products.ts";
import { buildScim } from "./scim.ts";
import { buildSecretRotations } from "./secret-rotations.ts";
import { buildSinks } from "./sinks.ts";
import { buildLogs } from "./logs.ts";
import { buildTelemetry } from "./telemetry.ts";
import { buildProviders } from "./providers.ts";
import { checkReferences } from "./references.ts";
import { buildServiceFabric } from "./service-fabric.ts";
import { checkWsdlRules } from "./wsdl-rules.ts";

/** Puts the definition together and checks what only the whole can tell. Means nothing when problems were reported. */
export function buildDefinition(
  root: RootInput,
  environment: ChosenEnvironment,
  resources: Resources,
  uses: readonly ArgumentUse[],
  problems: Problems,
  now: number,
): Omit<Definition, "files" | "usesVault"> {
  checkReferences(root, uses, problems);
  checkCachingTypes(root.cache, uses, problems);
  const namedCertificates = buildNamedCertificates(root.certificates, resources, problems, now);
  checkCertificateUses(root, namedCertificates, uses, problems);
  const apis = buildApis(root, resources, problems);
  const certificates = buildCertificates(root.edge.certificates, resources, problems);
  const products = buildProducts(root.products, problems);
  checkAccessSaid(apis, products, problems);
  checkWsdlRules(apis, root.apis, problems);
  checkGraphqlRules({ apis, products, policies: root.policies }, problems);
  if (!asksClients(root.edge)) checkCertificatesAsked(apis, problems);
  const providers = buildProviders(root.identity.providers, uses, resources, problems);
  const connections = buildConnections(root.connections, resources, namedCertificates, problems);
  checkActors(root, problems);
  checkDiagnosticLoggers(diagnosticsOf(root), root.loggers, problems);
  const backends = buildBackends(root.backends, resources, namedCertificates, connections, problems);
  const admin = buildAdmin(root.admin, resources, problems);
  checkForwardAuth(root, { apis, products, policies: root.policies }, problems);
  checkAdminUnreached(admin, backends, providers, problems);
  const announcements = buildAnnouncements(root.announcements, resources, problems);
  const approvals = buildApprovals(root.approvals, { apis, products }, problems);
  const secretRotations = buildSecretRotations(root.secretRotations, backends, resources, problems);
  checkMailSent([...approvals, ...secretRotations], announcements, problems);
  const edge = buildEdge(root.edge, resources, problems);
  checkListenersUnreached([...edge.https, ...edge.http], backends, problems);
  return {
    environment: environment.name,
    production: environment.production,
    edge: { ...edge, clearPlaces: clearPlaces(edge, apis, problems) },
    acme: buildAcme(root.edge, apis, certificates, resources, problems),
    certificates,
    namedCertificates,
    providers,
    ...buildBasicUsers(root.identity.basic, resources, problems),
    ...(root.identity.actorHeader === undefined ? {} : { actorHeader: root.identity.actorHeader }),
    groupReaders: buildGroupReaders(root.identity.providers, resources, problems),
    scim: buildScim(root.identity.providers, resources, problems),
    login: buildLogin(root.identity, resources, problems),
    cliLogin: buildCliLogin(root.identity.cli, providers, problems),
    assertion: buildAssertion(root.identity.assertion, apis, backends),
    connections,
    messaging: buildMessaging(root, resources, problems),
    fabricClusters: buildServiceFabric(root, resources, problems),
    egress: { allow: root.egress.allow },
    audit: buildAudit(root.audit),
    sinks: buildSinks(root.audit.sinks, resources, problems),
    telemetry: buildTelemetry(root.telemetry, resources, problems),
    ...buildDiagnostic(root.diagnostics),
    ...insightsOf(buildInsights(root.loggers, resources, problems)),
    logs: buildLogs(root.logs),
    analytics: { minute: root.analytics.minutes, hour: root.analytics.hours, day: root.analytics.days },
    admin,
    cache: buildCache(root.cache, resources, problems),
    deployment: root.deployment,
    errors: root.errors,
    policies: root.policies,
    apis,
    announcements,
    approvals,
    backends,
    endings: buildEndings(root.endings, resources, problems),
    schemas: buildSchemas(root.schemas, resources),
    xmlSchemas: buildXmlSchemas(resources),
    ...(root.checks.length === 0 ? {} : { checks: buildChecks(root.checks) }),
    ...(root.secretRotations.length === 0 ? {} : { secretRotations }),
    loggers: buildLoggers(root.loggers, resources, problems),
    products,
    acmeServers: buildAcmeServers(root.apis, root.edge.https, resources, problems),
    subscriptions: buildSubscriptions(root.subscriptions, resources, problems),
  };
}

function diagnosticsOf({ diagnostics, apis }: RootInput): Parameters<typeof checkDiagnosticLoggers>[0] {
  const ofApis = apis.flatMap(({ value }) => [
    value.diagnostics,
    ...(value.operations?.value ?? []).map((operation) => operation.value.diagnostics),
  ]);
  return [diagnostics, ...ofApis];
}

function insightsOf(insights: NonNullable<Definition["insights"]>): Pick<Definition, "insights"> {
  return insights.length === 0 ? {} : { insights };
}
