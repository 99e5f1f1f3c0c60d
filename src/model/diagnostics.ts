import type { BodySource } from "./body.ts";
import type { Exchange, ResponseDraft } from "./exchange.ts";
import type { HeaderList } from "./header-list.ts";
import type { MarkedSecret } from "./marked-secret.ts";

/** What of an API's requests is told to a logger. Names and meanings are API Management's. */
export interface Diagnostic {
  /** Name of one of the loggers for Application Insights. */
  readonly logger: string;
  /** Of all requests, 0 to 100. */
  readonly percentage: number;
  /** Those that failed are told whether they were chosen or not. */
  readonly alwaysLogErrors: boolean;
  /** `error`: requests that failed alone. Messages of the policy `trace` are told from this severity on. */
  readonly verbosity: TraceSeverity;
  readonly logClientIp: boolean;
  /** `None`: what a client says of a trace is nothing to go by. */
  readonly correlation: "W3C" | "None";
  readonly operationNameFormat: "Name" | "Url";
  /** What `emit-metric` counts is told, of all requests. */
  readonly metrics: boolean;
  readonly frontend: DiagnosedPair;
  readonly backend: DiagnosedPair;
}

export type TraceSeverity = "verbose" | "information" | "error";

export interface DiagnosedPair {
  readonly request: DiagnosedMessage;
  readonly response: DiagnosedMessage;
}

export interface DiagnosedMessage {
  /** Names of fields, as they are to be shown. */
  readonly headers: readonly string[];
  /** The first ones of the body, at most 8,192. */
  readonly bodyBytes: number;
  /** By lower-case name. */
  readonly maskedHeaders: readonly Masking[];
  readonly maskedQuery: readonly Masking[];
}

export interface Masking {
  readonly name: string;
  /** `Mask`: it is there, without its value. `Hide`: it is not there. */
  readonly mode: "Mask" | "Hide";
}

/** An instance of Application Insights. */
export interface InsightsLogger {
  readonly name: string;
  /** Without a slash at its end; `/v2.1/track` comes behind it. */
  readonly endpoint: string;
  /** Whoever has it can write there. */
  readonly key: MarkedSecret;
  /** The gateway shows a token of its own identity besides. Null: the key is enough. */
  readonly identity: { readonly audience: string; readonly clientId: string } | null;
}

/** Diagnostics of a definition, for its exchanges. */
export interface Diagnosing {
  /** Begins to note what is to be told of an exchange, once it is known which API it is for. */
  begin(exchange: Exchange): void;
}

/** Notes of an exchange on its way what a diagnostic asks for. Never changes what goes through. */
export interface Tap {
  /** Before each attempt. `body` undefined: the client's, as it comes. */
  sending(headers: HeaderList, body: Uint8Array | null | undefined): void;
  /** The upstream's answer, before any policy. @returns what is to be read instead of `body` */
  received(headers: HeaderList, body: BodySource | null): BodySource | null;
  /** What the client gets, before it is compressed. */
  answering(response: ResponseDraft): void;
  /** The policy `trace` says something. */
  traced(message: TracedMessage): void;
}

export interface TracedMessage {
  readonly severity: TraceSeverity;
  readonly source: string;
  readonly text: string;
  readonly metadata: readonly (readonly [string, string])[];
}
