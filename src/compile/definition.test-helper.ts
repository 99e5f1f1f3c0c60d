import { noRedaction } from "#model/redaction.ts";
import type { Access, Api, Definition, Operation, Product } from "#model/definition.ts";
import type { PolicyNode } from "#model/policy-tree.ts";

const at = { file: "sallyport.yaml", line: 1, column: 1 };

/** A definition that says the least it may; `parts` replace what a test is about. */
export function definition(parts: Partial<Definition> = {}): Definition {
  return {
    acmeServers: [],
    endings: [],
    scim: [],
    usesVault: false,
    environment: "dev",
    production: false,
    deployment: { region: "", serviceName: "sallyport", gatewayId: "sallyport" },
    connections: [],
    messaging: { daprUrl: null, serviceBus: [] },
    fabricClusters: [],
    errors: "problem",
    edge: {
      https: [],
      http: [],
      tls: "off",
      trustedProxies: [],
      hsts: null,
      clientCertificates: null,
      listenerCertificates: [],
      proxyProtocol: [],
      advertisedPorts: { https: null, http: null },
      allowedHeaderNames: [],
      forwardAuth: null,
      proxySecret: null,
      forwardedHeader: false,
      limits: {
        headerBytes: 16_384,
        headerCount: 100,
        bodyBytes: 1000,
        policyBodyBytes: 1000,
        expressionMs: 100,
        headersTimeoutMs: 1,
        bodyIdleTimeoutMs: 1,
        idleTimeoutMs: 1,
        streamIdleTimeoutMs: 60_000,
        connections: 1,
        drainMs: 1,
      },
    },
    acme: null,
    certificates: [],
    namedCertificates: [],
    providers: [],
    login: null,
    assertion: null,
    cliLogin: null,
    groupReaders: [],
    egress: { allow: [] },
    cache: { bytes: 1, entryBytes: 1 },
    telemetry: null,
    sinks: [],
    logs: { access: null, operational: null },
    analytics: { minute: 1, hour: 1, day: 1 },
    audit: {
      durability: "batched",
      retention: { maxBytes: null, maxAgeMs: null, behindBytes: null, behindAgeMs: null },
      witness: null,
      segmentBytes: 1,
      compress: "off",
      flushMs: 1,
      syncMs: 1,
      redact: noRedaction,
    },
    admin: { socket: false, remote: null, history: { keep: 1, maxAgeMs: 1 } },
    policies: {},
    apis: [],
    announcements: null,
    approvals: [],
    loggers: [],
    schemas: [],
    xmlSchemas: [],
    backends: [],
    products: [],
    subscriptions: [],
    files: [],
    ...parts,
  };
}

export function api(name: string, parts: Partial<Api> = {}): Api {
  return {
    name,
    displayName: name.toUpperCase(),
    version: null,
    revision: null,
    hosts: [],
    path: `/${name}`,
    trustedProxies: [],
    backend: null,
    handler: { kind: "proxy" },
    clientCertificate: false,
    compression: null,
    maintenance: null,
    access: { kind: "public" },
    policies: {},
    operations: [operation("get", { template: "/" })],
    errors: "problem",
    subscriptionKey: { header: "ocp-apim-subscription-key", query: "subscription-key", forward: false },
    retryMethods: null,
    bodyBytes: null,
    upgrades: null,
    timeoutMs: 60_000,
    forwardAuth: false,
    login: true,
    at,
    ...parts,
  };
}

export function operation(name: string, parts: Partial<Operation> = {}): Operation {
  const template = `/${name}`;
  const access: Access = { kind: "unsaid" };
  const own = {
    backend: null,
    handler: null,
    bodyBytes: null,
    upgrades: null,
    clientCertificate: null,
    description: null,
  };
  return { name, displayName: name, method: "GET", template, ...own, access, policies: {}, examples: [], at, ...parts };
}

export function product(name: string, parts: Partial<Product> = {}): Product {
  const offered = { approvalRequired: false, subscriptionsLimit: null, groups: [], isPublished: true };
  return {
    name,
    displayName: name,
    apis: [],
    subscription: "key",
    members: null,
    ...offered,
    policies: {},
    at,
    ...parts,
  };
}

export function node(name: string, line: number = 1): PolicyNode {
  return { name, at: { ...at, line }, args: {} };
}

export const base: PolicyNode = node("base");
