import type { Api } from "#model/definition.ts";
import type { DiagnosedMessage, DiagnosedPair, Diagnostic, Masking } from "#model/diagnostics.ts";
import { type Export, putInformation } from "./export.ts";
import { putSecretValue } from "./named-values.ts";

/** Instances of Application Insights. Their connection is a secret: its text stays here. */
export function exportInsights(context: Export): void {
  for (const { name, identity } of context.definition.insights ?? []) {
    const path = `loggers/${name}/loggerInformation.json`;
    const credentials = {
      connectionString: putSecretValue(context, `logger-${name}-connection`),
      ...(identity === null
        ? {}
        : { identityClientId: identity.clientId === "" ? "SystemAssigned" : identity.clientId }),
    };
    putInformation(context, path, { loggerType: "applicationInsights", credentials });
    context.report.map(`loggers.${name}`, path);
  }
}

/** What is told of an API's requests, at the API even where it is said of all: the service's own diagnostics stay as they are. */
export function exportDiagnostic(context: Export, api: Api, folder: string): void {
  const { definition, report } = context;
  const own = api.operations.filter(({ diagnostic }) => diagnostic !== undefined).map(({ name }) => name);
  if (own.length > 0) report.leave(`apis.${api.name}`, `diagnostics of ${own.join(", ")}: an operation has none there`);
  const diagnostic = api.diagnostic ?? definition.diagnostic;
  if (diagnostic === undefined) return;
  putInformation(
    context,
    `${folder}/diagnostics/applicationinsights/diagnosticInformation.json`,
    propertiesOf(diagnostic),
  );
}

function propertiesOf(diagnostic: Diagnostic): Readonly<Record<string, unknown>> {
  return {
    loggerId: `/loggers/${diagnostic.logger}`,
    ...(diagnostic.alwaysLogErrors ? { alwaysLog: "allErrors" } : {}),
    sampling: { samplingType: "fixed", percentage: diagnostic.percentage },
    verbosity: diagnostic.verbosity,
    logClientIp: diagnostic.logClientIp,
    httpCorrelationProtocol: diagnostic.correlation,
    operationNameFormat: diagnostic.operationNameFormat,
    ...(diagnostic.metrics ? { metrics: true } : {}),
    frontend: pairOf(diagnostic.frontend),
    backend: pairOf(diagnostic.backend),
  };
}

function pairOf({ request, response }: DiagnosedPair): Readonly<Record<string, unknown>> {
  return { request: messageOf(request), response: messageOf(response) };
}

function messageOf(message: DiagnosedMessage): Readonly<Record<string, unknown>> {
  const { headers, bodyBytes, maskedHeaders, maskedQuery } = message;
  const isMasked = maskedHeaders.length + maskedQuery.length > 0;
  return {
    headers,
    body: { bytes: bodyBytes },
    ...(isMasked ? { dataMasking: { headers: maskedHeaders.map(entity), queryParams: maskedQuery.map(entity) } } : {}),
  };
}

function entity({ name, mode }: Masking): Readonly<Record<string, string>> {
  return { value: name, mode };
}
