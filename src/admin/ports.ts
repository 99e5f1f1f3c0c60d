import type { StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { ConfigurationPort } from "./configuration/port.ts";
import type { Format } from "./metrics/exposition.ts";

/** What the gateway is doing, as plain data. */
export interface StatusFacts {
  readonly version: string;
  readonly node: string;
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly environment: string;
  readonly production: boolean;
  readonly configHash: string;
  readonly workers: number;
  readonly listeners: readonly { readonly scheme: "http" | "https"; readonly host: string; readonly port: number }[];
  readonly apis: number;
  readonly operations: number;
}

export interface CertificateFacts {
  readonly names: readonly string[];
  readonly issuer: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

export interface UpstreamState {
  readonly backend: string;
  readonly urls: readonly string[];
  /** Whether the backend is checked actively. */
  readonly checked: boolean;
}

/** What the admin API needs of the rest of the gateway. */
export interface AdminPorts {
  readonly configuration: ConfigurationPort;
  readonly status: () => StatusFacts;
  readonly certificates: () => readonly CertificateFacts[];
  readonly metrics: (format: Format) => Promise<string>;
  readonly upstreams: () => Promise<readonly UpstreamState[]>;
  /** For calls over TCP: whose token it is becomes `exchange.principal`. */
  readonly authenticate: (exchange: Exchange) => StepResult;
}
