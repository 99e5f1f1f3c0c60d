import type { Settings } from "./draft.ts";
import type { Import } from "./import.ts";
import { Information, isRecord, parseJson } from "./information.ts";
import { idOf } from "./names.ts";

/** What API Management calls the diagnostic for Application Insights. */
const insights = "applicationinsights";
const mostBytes = 8192;

/** What a folder's own diagnostics, those of all APIs or of one, are here; undefined: none of them is anything. */
export function importDiagnostics(context: Import, folder: string, what: string): Settings | undefined {
  const { artifacts, settled, report } = context;
  let found: Settings | undefined;
  for (const path of artifacts.texts.keys()) {
    const id = diagnosticAt(path, folder);
    if (id === undefined) continue;
    settled.add(path);
    if (id === insights) found = diagnosticOf(context, path, folder);
    else report.note(path, elsewhere.get(id) ?? `${what}: the diagnostic ${id} is not carried over`);
    if (found !== undefined && id === insights) report.map(path, `diagnostics of ${what}`);
  }
  return found === undefined ? undefined : { applicationInsights: found };
}

const elsewhere: ReadonlyMap<string, string> = new Map([
  [
    "azuremonitor",
    "writes into Azure's own resource logs, where nobody else can: logs.access and audit.sinks have what they say",
  ],
]);

/** Loggers that diagnostics for Application Insights name, by their id in lower case. */
export function insightsLoggers(
  context: Import,
): ReadonlyMap<string, { readonly name: string; readonly path: string }> {
  const used = new Map<string, { readonly name: string; readonly path: string }>();
  for (const path of context.artifacts.texts.keys()) {
    const [, folder = ""] = /^((?:apis\/[^/]+\/)?)diagnostics\//.exec(path) ?? [];
    if (diagnosticAt(path, folder.replace(/\/$/, "")) !== insights) continue;
    const id = loggerOf(informationAt(context, path));
    if (id !== undefined) used.set(id.toLowerCase(), { name: context.insights.give(id), path });
  }
  return used;
}

/** The id of the diagnostic whose information stands at this path, in lower case. */
function diagnosticAt(path: string, folder: string): string | undefined {
  const start = folder === "" ? "diagnostics/" : `${folder}/diagnostics/`;
  const end = "/diagnosticInformation.json";
  if (!path.startsWith(start) || !path.endsWith(end)) return undefined;
  const id = path.slice(start.length, -end.length);
  return id.includes("/") || id === "" ? undefined : id.toLowerCase();
}

function informationAt({ artifacts, fill }: Import, path: string): Information {
  const json = parseJson(artifacts.texts.get(path) ?? "");
  return new Information(isRecord(json) ? fill(json["properties"] ?? json) : undefined);
}

function loggerOf(information: Information): string | undefined {
  const reference = information.text("loggerId");
  return reference === undefined ? undefined : idOf(reference);
}

const carried: ReadonlySet<string> = new Set([
  "alwaysLog",
  "backend",
  "frontend",
  "httpCorrelationProtocol",
  "logClientIp",
  "loggerId",
  "metrics",
  "operationNameFormat",
  "sampling",
  "verbosity",
]);

function diagnosticOf(context: Import, path: string, folder: string): Settings | undefined {
  const { report } = context;
  const own = informationAt(context, path);
  const information = folder === "" ? laidOver(context, path, own) : own;
  const loggerId = loggerOf(information);
  if (loggerId === undefined) {
    report.note(path, "names no logger: not carried over");
    return undefined;
  }
  for (const name of information.names()) {
    if (!carried.has(name)) report.note(path, `${name} is not carried over`);
  }
  const percentage = information.inner("sampling").number("percentage");
  return {
    loggerId: context.insights.give(loggerId),
    sampling: percentage === undefined ? undefined : { percentage },
    alwaysLog: /^allErrors$/i.test(information.text("alwaysLog") ?? "") ? "allErrors" : undefined,
    verbosity: oneOf(information, "verbosity", ["verbose", "information", "error"]),
    logClientIp: information.flag("logClientIp"),
    httpCorrelationProtocol: correlationOf(context, path, information),
    operationNameFormat: oneOf(information, "operationNameFormat", ["Name", "Url"]),
    metrics: information.flag("metrics"),
    frontend: pairOf(context, path, information.inner("frontend")),
    backend: pairOf(context, path, information.inner("backend")),
  };
}

/** With what environments lay over it, where they all say the same. */
function laidOver({ environments, report }: Import, path: string, own: Information): Information {
  const all = environments.names.map((name) => environments.override(name, "diagnostics", insights));
  const [first = {}] = all;
  if (all.some((one) => JSON.stringify(one) !== JSON.stringify(first))) {
    report.note(path, "differs between environments: here it is as in the first one");
  }
  return own.with(first);
}

function oneOf(information: Information, name: string, words: readonly string[]): string | undefined {
  const said = information.text(name)?.toLowerCase();
  return words.find((word) => word.toLowerCase() === said);
}

function correlationOf({ report }: Import, path: string, information: Information): string | undefined {
  const said = information.text("httpCorrelationProtocol");
  if (said?.toLowerCase() !== "legacy") return oneOf(information, "httpCorrelationProtocol", ["W3C", "None"]);
  report.note(path, "correlation is W3C's here: Request-Id of the Legacy protocol is neither read nor sent");
  return undefined;
}

function pairOf(context: Import, path: string, pair: Information): Settings | undefined {
  const request = messageOf(context, path, pair.inner("request"));
  const response = messageOf(context, path, pair.inner("response"));
  return request === undefined && response === undefined ? undefined : { request, response };
}

function messageOf({ report }: Import, path: string, message: Information): Settings | undefined {
  const headers = message.texts("headers").filter((name) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/.test(name));
  if (headers.length < message.texts("headers").length) report.note(path, "names what can be no header field");
  const bytes = Math.min(Math.max(0, Math.trunc(message.inner("body").number("bytes") ?? 0)), mostBytes);
  const masking = message.inner("dataMasking");
  const dataMasking = masking.names().length === 0 ? undefined : maskingOf(masking);
  if (headers.length === 0 && bytes === 0 && dataMasking === undefined) return undefined;
  return {
    headers: headers.length === 0 ? undefined : headers,
    body: bytes === 0 ? undefined : { bytes },
    dataMasking,
  };
}

function maskingOf(masking: Information): Settings | undefined {
  const [headers, queryParams] = ["headers", "queryParams"].map((name) =>
    masking.inners(name).flatMap((one) => {
      const value = one.text("value");
      return value === undefined ? [] : [{ value, mode: oneOf(one, "mode", ["Mask", "Hide"]) ?? "Mask" }];
    }),
  );
  if (headers?.length === 0 && queryParams?.length === 0) return undefined;
  return {
    headers: headers?.length === 0 ? undefined : headers,
    queryParams: queryParams?.length === 0 ? undefined : queryParams,
  };
}
