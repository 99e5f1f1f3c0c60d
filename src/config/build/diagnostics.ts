import type { DiagnosedMessage, DiagnosedPair, Diagnostic, Masking } from "#model/diagnostics.ts";
import { suggestion } from "#notation/nearest.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type {
  DiagnosedMessageInput,
  DiagnosedPairInput,
  DiagnosticsInput,
  MaskedInput,
} from "#config/table/diagnostics.ts";
import type { LoggerInput } from "#config/table/logger.ts";

/** What an API, an operation or the definition says for itself; nothing where it says nothing. */
export function buildDiagnostic(diagnostics: DiagnosticsInput | undefined): { readonly diagnostic?: Diagnostic } {
  const said = diagnostics?.applicationInsights;
  if (said === undefined) return {};
  const { loggerId, sampling, alwaysLog, verbosity, logClientIp, httpCorrelationProtocol, operationNameFormat } = said;
  const diagnostic: Diagnostic = {
    logger: loggerId?.value ?? "",
    percentage: sampling.percentage,
    alwaysLogErrors: alwaysLog === "allErrors",
    verbosity,
    logClientIp,
    correlation: httpCorrelationProtocol,
    operationNameFormat,
    metrics: said.metrics,
    frontend: pairOf(said.frontend),
    backend: pairOf(said.backend),
  };
  return { diagnostic };
}

function pairOf({ request, response }: DiagnosedPairInput): DiagnosedPair {
  return { request: messageOf(request), response: messageOf(response) };
}

function messageOf({ headers, body, dataMasking }: DiagnosedMessageInput): DiagnosedMessage {
  return {
    headers: [...new Map(headers.map((name) => [name.toLowerCase(), name])).values()],
    bodyBytes: body.bytes,
    maskedHeaders: dataMasking.headers.flatMap(maskingOf),
    maskedQuery: dataMasking.queryParams.flatMap(maskingOf),
  };
}

function maskingOf({ value, mode }: MaskedInput): readonly Masking[] {
  return value === undefined ? [] : [{ name: value.toLowerCase(), mode }];
}

/** Each of them names a logger that requests can be told to. */
export function checkDiagnosticLoggers(
  all: readonly (DiagnosticsInput | undefined)[],
  loggers: readonly Named<LoggerInput>[],
  problems: Problems,
): void {
  const known = loggers.filter(({ value }) => value.applicationInsights !== undefined).map(({ name }) => name);
  for (const diagnostics of all) {
    const said = diagnostics?.applicationInsights?.loggerId;
    if (said === undefined || known.includes(said.value)) continue;
    const define = `define it: loggers: { ${said.value}: { applicationInsights: { connectionString: { env: … } } } }`;
    const message = `there is no logger ${said.value} for Application Insights`;
    problems.error("reference-unknown", said.at, message, suggestion(said.value, known, (one) => one) ?? define);
  }
}
