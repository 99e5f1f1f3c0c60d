import { parseParameterName, parseShownHeaderName } from "#config/checks/words.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { list } from "#config/shapes/list.ts";
import { decimal, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

/** As API Management has it. */
const mostBodyBytes = 8192;

export interface MaskedInput {
  readonly value: string | undefined;
  readonly mode: "Mask" | "Hide";
}

export interface DiagnosedMessageInput {
  readonly headers: readonly string[];
  readonly body: { readonly bytes: number };
  readonly dataMasking: { readonly headers: readonly MaskedInput[]; readonly queryParams: readonly MaskedInput[] };
}

export interface DiagnosedPairInput {
  readonly request: DiagnosedMessageInput;
  readonly response: DiagnosedMessageInput;
}

export interface DiagnosticInput {
  readonly loggerId: Located<string> | undefined;
  readonly sampling: { readonly percentage: number };
  readonly alwaysLog: "allErrors" | undefined;
  readonly verbosity: "error" | "information" | "verbose";
  readonly logClientIp: boolean;
  readonly httpCorrelationProtocol: "W3C" | "None";
  readonly operationNameFormat: "Name" | "Url";
  readonly metrics: boolean;
  readonly frontend: DiagnosedPairInput;
  readonly backend: DiagnosedPairInput;
}

export interface DiagnosticsInput {
  readonly applicationInsights: DiagnosticInput | undefined;
}

const headerName = text("the name of a header field", parseShownHeaderName);

function masked(what: string, name: typeof headerName): ObjectShape<MaskedInput> {
  return object<MaskedInput>("dataMasking", {
    value: { shape: name, about: `Name of the ${what}.`, required: true },
    mode: {
      shape: choice(["Mask", "Hide"]),
      about: "Mask: it is shown without its value. Hide: it is not shown.",
      default: "Mask",
    },
  });
}

const maskingShape = object<DiagnosedMessageInput["dataMasking"]>("dataMasking", {
  headers: { shape: list(masked("header field", headerName)), about: "Header fields.", default: [] },
  queryParams: {
    shape: list(masked("query parameter", text("the name of a query parameter", parseParameterName))),
    about: "Query parameters.",
    default: [],
  },
});

const bodyShape = object<DiagnosedMessageInput["body"]>("body", {
  bytes: { shape: integer(0, mostBodyBytes), about: "The first bytes of the body, at most 8192.", default: 0 },
});

const messageShape = object<DiagnosedMessageInput>("a message", {
  headers: { shape: list(headerName), about: "Names of header fields to tell.", default: [] },
  body: { shape: bodyShape, about: "How much of the body is told.", default: bodyShape.empty },
  dataMasking: { shape: maskingShape, about: "What is told without its value.", default: maskingShape.empty },
});

const pairShape = object<DiagnosedPairInput>("frontend or backend", {
  request: { shape: messageShape, about: "The request.", default: messageShape.empty },
  response: { shape: messageShape, about: "The response.", default: messageShape.empty },
});

const samplingShape = object<DiagnosticInput["sampling"]>("sampling", {
  percentage: { shape: decimal(0, 100), about: "Share of all requests, 0 to 100.", default: 100 },
});

const diagnosticShape = object<DiagnosticInput>("diagnostics.applicationInsights", {
  loggerId: {
    shape: located(anyText),
    about: "One of the loggers with applicationInsights.",
    required: true,
  },
  sampling: { shape: samplingShape, about: "Which requests are told.", default: samplingShape.empty },
  alwaysLog: {
    shape: choice(["allErrors"]),
    about: "allErrors: requests that fail are told even where sampling leaves them out.",
  },
  verbosity: {
    shape: choice(["error", "information", "verbose"]),
    about: "error: failed requests alone. Messages of the policy trace are told from this severity on.",
    default: "information",
  },
  logClientIp: { shape: flag, about: "Tell the client's address.", default: false },
  httpCorrelationProtocol: {
    shape: choice(["W3C", "None"]),
    about: "W3C: as part of the trace that the request is in. None: by itself.",
    default: "W3C",
  },
  operationNameFormat: {
    shape: choice(["Name", "Url"]),
    about: "What the operation is called: API and operation, or method and path.",
    default: "Name",
  },
  metrics: { shape: flag, about: "Tell what emit-metric counts, whatever sampling says.", default: false },
  frontend: { shape: pairShape, about: "What the client sends and gets.", default: pairShape.empty },
  backend: { shape: pairShape, about: "What the backend gets and sends.", default: pairShape.empty },
});

export const diagnosticsShape: ObjectShape<DiagnosticsInput> = object<DiagnosticsInput>("diagnostics", {
  applicationInsights: {
    shape: diagnosticShape,
    about: "Requests, calls of backends and traces for Application Insights, as API Management's diagnostics say it.",
  },
});
