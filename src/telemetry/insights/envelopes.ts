import type { LoggedCall } from "./backend-call.ts";
import type { LoggedExchange } from "./logged-exchange.ts";
import type { Properties } from "./shown-headers.ts";

/** Who tells. */
export interface TellerFacts {
  readonly serviceName: string;
  readonly region: string;
  readonly node: string;
  readonly version: string;
}

/** One item of telemetry. @see https://github.com/microsoft/ApplicationInsights-Home, EndpointSpecs/Schemas */
export type Envelope = Readonly<Record<string, unknown>>;

/** Longest texts that the service takes whole. */
const longest = { name: 1024, url: 2048, message: 32_768, property: 8192, key: 150 } as const;
const ofEveryItem: ReadonlySet<string> = new Set(["Request Id", "API Name", "API Revision", "Operation Name"]);
const severityLevels: Readonly<Record<string, string>> = {
  verbose: "Verbose",
  information: "Information",
  error: "Error",
};

/** A request, the call of its backend, why it failed, and what policies said. */
export function envelopesOf(one: LoggedExchange, key: string, facts: TellerFacts): readonly Envelope[] {
  const { trace, startedAt, ms, call, failure, messages } = one;
  const write = (kind: string, at: number, parent: string, baseType: string, baseData: object): Envelope => ({
    ...headOf(key, kind, at),
    sampleRate: one.sampleRate,
    tags: { ...roleTags(facts), ...tagsOf(one, parent) },
    data: { baseType, baseData: { ver: 2, ...baseData } },
  });
  const common = commonOf(facts);
  const envelopes = [write("Request", startedAt, trace.parentId, "RequestData", requestOf(one, common))];
  if (call !== null) {
    const data = dependencyOf(call, trace.upstreamSpanId, { ...common, ...apiOf(one) });
    envelopes.push(write("RemoteDependency", startedAt + call.afterMs, trace.spanId, "RemoteDependencyData", data));
  }
  if (failure !== null) {
    const message = failure.message.slice(0, longest.message);
    const exceptions = [{ typeName: failure.type, message, hasFullStack: false, stack: one.operationName }];
    const data = {
      exceptions,
      severityLevel: "Error",
      problemId: failure.type,
      properties: bounded({ ...common, ...apiOf(one) }),
    };
    envelopes.push(write("Exception", startedAt + ms, trace.spanId, "ExceptionData", data));
  }
  for (const { at, severity, text, properties } of messages) {
    const data = {
      message: text.slice(0, longest.message).toWellFormed(),
      severityLevel: severityLevels[severity] ?? "Information",
      properties: bounded({ ...common, ...apiOf(one), ...properties }),
    };
    envelopes.push(write("Message", at, trace.spanId, "MessageData", data));
  }
  return envelopes;
}

/** @param at milliseconds since the epoch */
export function headOf(key: string, kind: string, at: number): Envelope {
  const name = `Microsoft.ApplicationInsights.${key.replaceAll("-", "")}.${kind}`;
  return { name, time: new Date(at).toISOString(), iKey: key };
}

export function commonOf({ serviceName, region }: TellerFacts): Properties {
  return { "Service ID": serviceName, "Service Type": "Sallyport", Region: region };
}

export function roleTags({ serviceName, node, version }: TellerFacts): Properties {
  return {
    "ai.cloud.role": serviceName,
    "ai.cloud.roleInstance": node,
    "ai.application.ver": version,
    "ai.internal.sdkVersion": `sallyport:${version}`,
  };
}

function tagsOf({ trace, operationName, clientIp }: LoggedExchange, parent: string): Properties {
  return {
    "ai.operation.id": trace.traceId,
    ...(parent === "" ? {} : { "ai.operation.parentId": parent }),
    "ai.operation.name": operationName.slice(0, longest.name).toWellFormed(),
    // Absent, the service would take the gateway's own.
    "ai.location.ip": clientIp ?? "0.0.0.0",
  };
}

function requestOf(one: LoggedExchange, common: Properties): object {
  return {
    id: one.trace.spanId,
    name: one.name.slice(0, longest.name).toWellFormed(),
    duration: durationOf(one.ms),
    success: one.success,
    responseCode: String(one.status),
    url: one.url.slice(0, longest.url).toWellFormed(),
    properties: bounded({ ...common, ...one.properties }),
    measurements: { "Request Size": one.bytesIn, "Response Size": one.bytesOut },
  };
}

function dependencyOf(call: LoggedCall, id: string, common: Properties): object {
  return {
    id,
    name: call.name.slice(0, longest.name).toWellFormed(),
    type: "Backend",
    target: call.target.slice(0, longest.name).toWellFormed(),
    data: call.url.slice(0, longest.property).toWellFormed(),
    duration: durationOf(call.ms),
    resultCode: String(call.status),
    success: call.success,
    properties: bounded({ ...common, ...call.properties }),
  };
}

function apiOf({ properties }: LoggedExchange): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => ofEveryItem.has(name)));
}

export function bounded(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name.slice(0, longest.key), value.slice(0, longest.property).toWellFormed()]),
  );
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}

/** `d.hh:mm:ss.fffffff`, as .NET writes a span of time. */
export function durationOf(ms: number): string {
  const ticks = Math.round(Math.max(0, ms) * 10_000);
  const [seconds, rest] = [Math.floor(ticks / 10_000_000), ticks % 10_000_000];
  const days = Math.floor(seconds / 86_400);
  const clock = [two((seconds % 86_400) / 3600), two((seconds % 3600) / 60), two(seconds % 60)].join(":");
  return `${days > 0 ? `${days}.` : ""}${clock}.${String(rest).padStart(7, "0")}`;
}
