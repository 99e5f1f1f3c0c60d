import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export interface ReceivedItem {
  readonly name: string;
  readonly time: string;
  readonly iKey: string;
  readonly sampleRate: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: { readonly baseType: string; readonly baseData: Readonly<Record<string, unknown>> };
}

export interface ReceivedCall {
  readonly path: string;
  readonly items: number;
  readonly status: number;
}

export interface InsightsIngestion {
  /** For a connection string. */
  readonly url: string;
  readonly key: string;
  /** Those that were accepted. */
  readonly items: ReceivedItem[];
  readonly calls: ReceivedCall[];
  /** What was wrong with items, by the published contract. */
  readonly faults: string[];
  /** Answers of the next calls; behind them each is taken. A list: statuses of the first items of a partial success. */
  readonly refuse: (number | readonly number[])[];
  retryAfter: string;
  close(): Promise<void>;
}

type Rule = {
  readonly kind: "string" | "boolean" | "number" | "object" | "list";
  readonly most?: number;
  readonly needed?: true;
};
type Rules = Readonly<Record<string, Rule>>;

const text = (most: number): Rule => ({ kind: "string", most });
const needed = (rule: Rule): Rule => ({ ...rule, needed: true });
const duration = needed(text(64));
const details: Rules = {
  typeName: needed(text(1024)),
  message: needed(text(32_768)),
  hasFullStack: { kind: "boolean" },
  stack: needed(text(32_768)),
};

const point: Rules = {
  ns: text(256),
  name: needed(text(1024)),
  kind: { kind: "number" },
  value: needed({ kind: "number" }),
  count: { kind: "number" },
  min: { kind: "number" },
  max: { kind: "number" },
};
const inLists: Readonly<Record<string, Rules>> = { exceptions: details, metrics: point };

/** @see https://github.com/microsoft/ApplicationInsights-Home, EndpointSpecs/Schemas/Docs */
const schemas: Readonly<Record<string, Rules>> = {
  RequestData: {
    id: needed(text(128)),
    duration,
    responseCode: needed(text(1024)),
    success: needed({ kind: "boolean" }),
    name: text(1024),
    url: text(2048),
    source: text(1024),
    properties: { kind: "object" },
    measurements: { kind: "object" },
  },
  RemoteDependencyData: {
    name: needed(text(1024)),
    id: text(128),
    resultCode: text(1024),
    duration,
    success: { kind: "boolean" },
    data: text(8192),
    type: text(1024),
    target: text(1024),
    properties: { kind: "object" },
  },
  ExceptionData: {
    exceptions: needed({ kind: "list" }),
    severityLevel: text(16),
    problemId: text(1024),
    properties: { kind: "object" },
  },
  MetricData: { metrics: needed({ kind: "list" }), properties: { kind: "object" } },
  MessageData: { message: needed(text(32_768)), severityLevel: text(16), properties: { kind: "object" } },
};
const names: Readonly<Record<string, string>> = {
  RequestData: "Request",
  RemoteDependencyData: "RemoteDependency",
  ExceptionData: "Exception",
  MessageData: "Message",
  MetricData: "Metric",
};
const tags: Readonly<Record<string, number>> = {
  "ai.application.ver": 1024,
  "ai.cloud.role": 256,
  "ai.cloud.roleInstance": 256,
  "ai.internal.sdkVersion": 64,
  "ai.location.ip": 45,
  "ai.operation.id": 128,
  "ai.operation.name": 1024,
  "ai.operation.parentId": 128,
};

/**
 * A stand-in for the ingestion endpoint of Application Insights, which cannot run here: it holds what it gets to the
 * schemas that Microsoft has published, and answers in the form that the service answers in.
 */
export async function startInsightsIngestion(): Promise<InsightsIngestion> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { status, body } = answerTo(ingestion, request, Buffer.concat(chunks));
      response.writeHead(status, { "Content-Type": "application/json", "Retry-After": ingestion.retryAfter });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ingestion: InsightsIngestion = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    key: "11111111-2222-3333-4444-555555555555",
    items: [],
    calls: [],
    faults: [],
    refuse: [],
    retryAfter: "0",
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return ingestion;
}

interface ItemError {
  readonly index: number;
  readonly statusCode: number;
  readonly message: string;
}

function answerTo(
  ingestion: InsightsIngestion,
  { url = "", method, headers }: IncomingMessage,
  sent: Buffer,
): { readonly status: number; readonly body: unknown } {
  const done = (status: number, items: readonly ReceivedItem[], errors: readonly ItemError[]) => {
    ingestion.calls.push({ path: url, items: items.length, status });
    const wrong = new Set(errors.map(({ index }) => index));
    if (status === 200 || status === 206) ingestion.items.push(...items.filter((_, index) => !wrong.has(index)));
    return {
      status,
      body: { itemsReceived: items.length, itemsAccepted: items.length - errors.length, errors },
    };
  };
  if (method !== "POST" || url !== "/v2.1/track") return done(404, [], []);
  if (headers["content-type"] !== "application/json") return done(415, [], []);
  const plain = headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
  const items = JSON.parse(plain.toString()) as readonly ReceivedItem[];
  const planned = ingestion.refuse.shift() ?? 200;
  if (typeof planned === "number" && planned !== 200) return done(planned, items, []);
  const errors = items.flatMap((item, index): readonly ItemError[] => {
    const fault = faultOf(item, ingestion.key);
    if (fault !== undefined) ingestion.faults.push(fault);
    const statusCode = fault === undefined ? (Array.isArray(planned) ? planned[index] : undefined) : 400;
    return statusCode === undefined || statusCode === 200 ? [] : [{ index, statusCode, message: fault ?? "planned" }];
  });
  return done(errors.length === 0 ? 200 : 206, items, errors);
}

function faultOf(item: ReceivedItem, key: string): string | undefined {
  const { baseType, baseData } = item.data;
  const rules = schemas[baseType];
  if (rules === undefined) return `an unknown type ${baseType}`;
  if (item.iKey !== key) return "an unknown instrumentation key";
  if (item.name !== `Microsoft.ApplicationInsights.${key.replaceAll("-", "")}.${names[baseType]}`) return item.name;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(item.time)) return `time ${item.time}`;
  if (Math.abs(Date.now() - Date.parse(item.time)) > 2 * 3_600_000) return `far time ${item.time}`;
  if (baseType !== "MetricData" && !(item.sampleRate > 0 && item.sampleRate <= 100))
    return `sampleRate ${item.sampleRate}`;
  for (const [name, value] of Object.entries(item.tags)) {
    const most = tags[name];
    if (most === undefined || typeof value !== "string" || value.length > most) return `tag ${name}`;
  }
  if (baseData["ver"] !== 2) return "ver";
  return faultIn(baseData, { ver: { kind: "object" }, ...rules }, baseType);
}

function faultIn(data: Readonly<Record<string, unknown>>, rules: Rules, where: string): string | undefined {
  for (const name of Object.keys(rules)) {
    if (rules[name]?.needed === true && data[name] === undefined) return `${where} lacks ${name}`;
  }
  for (const [name, value] of Object.entries(data)) {
    const rule = rules[name];
    if (rule === undefined) return `${where} has no ${name}`;
    if (name === "ver") continue;
    const kind = Array.isArray(value) ? "list" : typeof value;
    if (kind !== rule.kind) return `${where}.${name} is a ${kind}`;
    if (typeof value === "string" && value.length > (rule.most ?? 0)) return `${where}.${name} is too long`;
    if (name === "duration" && !/^(\d{1,3}\.)?\d\d:\d\d:\d\d(\.\d{1,7})?$/.test(String(value)))
      return `${where}.duration`;
    if (name === "severityLevel" && !/^(Verbose|Information|Warning|Error|Critical)$/.test(String(value))) return name;
    if (name === "properties") {
      for (const [key, one] of Object.entries(value as object)) {
        if (typeof one !== "string" || one.length > 8192 || key.length > 150) return `${where}.properties.${key}`;
      }
    }
    const within = inLists[name];
    if (within !== undefined) {
      const all = value as readonly Readonly<Record<string, unknown>>[];
      if (all.length === 0) return `no ${name}`;
      const fault = all.map((one) => faultIn(one, within, name)).find((one) => one !== undefined);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}
