import { Buffer } from "node:buffer";
import { STATUS_CODES } from "#lib/node-http.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange, RequestDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";
import type { PermitAuthority } from "#model/permit.ts";
import type { Egress, ForwardPort } from "#model/ports.ts";
import type { StubbedAnswer, StubbedCall } from "./context.ts";
import { WholeBody } from "./whole-body.ts";

/** A request as it would have gone out. */
export interface SentRequest {
  readonly to: "backend" | "call";
  readonly method: string;
  readonly url: string;
  /** Flat `[name, value, …]`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | null;
  /** Thumbprint of the certificate that is shown; null: none is that a policy chose. */
  readonly certificate: string | null;
  /** What it was answered with: a status, or why there was no answer. */
  readonly answer: string;
}

interface Stubs {
  readonly backend: readonly StubbedAnswer[];
  readonly calls: readonly StubbedCall[];
  /** By the snapshot's index. */
  readonly backendUrls: readonly string[];
  readonly check: PermitAuthority["check"];
  readonly sent: (request: SentRequest) => void;
}

const byUpstream = { source: "upstream" } as const;

/** The backend, as the context says it answers. A permit is needed as for a real one. */
export function stubbedForward({ backend, backendUrls, check, sent }: Stubs): ForwardPort {
  let next = 0;
  return {
    forward: async (exchange, permit) => {
      check(permit, exchange, exchange.principal);
      const answer = backend[Math.min(next, backend.length - 1)] ?? {};
      next += 1;
      const { request, facts } = exchange;
      const body = request.body === undefined ? (facts.body as WholeBody | null)?.bytes : request.body;
      const { method } = request;
      const url = urlOf(exchange, backendUrls);
      const headers = withHost(request, url);
      const certificate = shown(request.certificate, url);
      sent({ to: "backend", method, url, headers, body: body ?? null, certificate, answer: told(answer) });
      const bytes = bytesOf(answer);
      return { ...headOf(answer), body: bytes.byteLength === 0 ? null : new WholeBody(bytes), carry: null };
    },
  };
}

/** Other services, as the context says they answer. */
export function stubbedEgress({ calls, sent }: Stubs): Egress {
  return {
    fetch: async ({ url, method = "GET", headers = [], body, certificate: own = null }) => {
      const certificate = shown(own, url);
      const found = calls.find((call) => (call.method ?? method) === method && matches(call.url, url));
      const answer: StubbedAnswer = found ?? { error: "connection" };
      const came = found ? told(answer) : "none is in calls";
      sent({ to: "call", method, url, headers, body: body ?? null, certificate, answer: came });
      return { ...headOf(answer), body: bytesOf(answer) };
    },
  };
}

/** @throws GatewayError where it could not be shown */
function shown(certificate: OwnCertificate | null, url: string): string | null {
  if (certificate === null) return null;
  if (!url.startsWith("https:")) throw new GatewayError("egress-refused", 502, "a certificate needs TLS");
  return certificate.thumbprint;
}

/** Over TLS, and where a policy named it, a backend is called by its own name, unless a policy says another. */
function withHost({ headers, hostSet, baseUrl }: RequestDraft, url: string): readonly string[] {
  const list = headers.clone();
  if (!hostSet && (baseUrl !== null || url.startsWith("https:"))) list.set("Host", URL.parse(url)?.host ?? "");
  return list.raw;
}

function urlOf({ request }: Exchange, backendUrls: readonly string[]): string {
  const base = request.baseUrl ?? backendUrls[request.backend] ?? "";
  return `${base.replace(/\/$/, "")}${request.path}${request.query === "" ? "" : `?${request.query}`}`;
}

function told({ error, status = 200 }: StubbedAnswer): string {
  return error ?? String(status);
}

/** @throws GatewayError when there is to be no answer */
function headOf({ error, status = 200, reason, headers = {}, json }: StubbedAnswer): {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderList;
} {
  if (error === "timeout") throw new GatewayError("upstream-timeout", 504, "no answer in time", byUpstream);
  if (error !== undefined) throw new GatewayError("upstream-connect-failed", 502, "no connection", byUpstream);
  const list = new HeaderList();
  for (const [name, values] of Object.entries(headers)) for (const value of [values].flat()) list.append(name, value);
  if (json !== undefined && !list.has("content-type")) list.append("Content-Type", "application/json");
  return { status, statusText: reason ?? STATUS_CODES[status] ?? "", headers: list };
}

function bytesOf({ body, json }: StubbedAnswer): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(body ?? (json === undefined ? "" : JSON.stringify(json)));
}

/** Piece by piece, so that no pattern can be slow. */
function matches(pattern: string, url: string): boolean {
  const pieces = pattern.split("*");
  const [first = ""] = pieces;
  if (pieces.length === 1) return pattern === url || `${pattern}/` === url;
  if (!url.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = url.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  const last = pieces.at(-1) ?? "";
  return url.length - last.length >= at && url.endsWith(last);
}
