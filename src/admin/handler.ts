import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { STATUS_CODES } from "#lib/node-http.ts";
import { GatewayError } from "#model/errors.ts";
import type { Handover } from "#model/exchange.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { refuse, type StepResult } from "#model/decision.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock, EventRecorder, Log } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import { type ReasonCode, reasons } from "#model/reasons.ts";
import type { Route } from "#model/snapshot.ts";
import { readBody } from "./body.ts";
import { adminApi, exchangeOf, routeOf } from "./exchange.ts";
import type { AdminOperation } from "./operation.ts";
import type { AdminPorts } from "./ports.ts";
import { readQuery } from "./query.ts";
import { type AdminDoor, checkHead } from "./request-rules.ts";
import { type AdminRefusal, type AdminResult, refusal } from "./result.ts";
import type { AdminRole, HasRole } from "./roles.ts";
import { type PathValues, route } from "./router.ts";
import type { CallHandler } from "./server.ts";
import { adminOperations } from "./table.ts";

export interface HandlerOptions {
  readonly ports: AdminPorts;
  /** Who is at the other end of the socket: nobody but the process's own user can open it. */
  readonly owner: Principal;
  /** For calls over TCP, by the definition in force. */
  readonly hasRole: HasRole;
  /** Writes the record of a call that is over. A promise: the answer has to wait for it. */
  readonly record: (exchange: Exchange) => void | Promise<void>;
  readonly events: EventRecorder;
  /** Whether a record can be written: what cannot be recorded is not done. */
  readonly canRecord: () => boolean;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Room for a definition and its documents. */
const maxBody = 20 * 1024 * 1024;

const routes: ReadonlyMap<AdminOperation, Route> = new Map(
  adminOperations.map((one, index) => [one, routeOf(index, one.id, one.method, one.path)]),
);

/** Takes calls through the same doors as every other request: head, identity, role; then runs the operation and records all of it. */
export function createCallHandler(options: HandlerOptions): CallHandler {
  return {
    handle: (request, response, door) => void new Call(options, request, response, door).run(),
    malformed: (socket, reason, door) => refuseBytes(options, socket, reason, door),
  };
}

class Call {
  readonly #options: HandlerOptions;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #door: AdminDoor;
  readonly #exchange: Exchange;
  #since: number;

  constructor(options: HandlerOptions, request: IncomingMessage, response: ServerResponse, door: AdminDoor) {
    const { clock, newId } = options;
    this.#options = options;
    this.#request = request;
    this.#response = response;
    this.#door = door;
    this.#since = clock.mono();
    const facts = { id: newId(), now: clock.now(), mono: this.#since, scheme: door.scheme };
    this.#exchange = exchangeOf(request, facts);
  }

  async run(): Promise<void> {
    const result = await this.#decide().catch((error: unknown) => {
      if (error instanceof GatewayError && error.code === "audit-unavailable") return refusal("record-unavailable");
      this.#options.log.error("a call of the admin API failed", { id: this.#exchange.facts.id, error: String(error) });
      return refusal("internal-error", { detail: String(error) });
    });
    const answer = this.#answerOf(result);
    try {
      await this.#options.record(this.#exchange);
      answer();
    } catch {
      // What was done is done; but nobody is told so before it is on record.
      this.#request.socket.destroy();
    }
  }

  async #decide(): Promise<AdminResult> {
    if (!this.#options.canRecord()) return this.#step("edge", "read", refusal("overloaded"));
    const head = checkHead(this.#request, this.#door);
    this.#step("edge", "read", head);
    return head ?? (await this.#authenticate()) ?? this.#route();
  }

  async #authenticate(): Promise<AdminRefusal | undefined> {
    const exchange = this.#exchange;
    if (this.#door.kind === "socket") exchange.principal = this.#options.owner;
    else {
      const refused = asRefusal(await this.#options.ports.authenticate(exchange)) ?? identified(exchange);
      if (refused !== undefined) return this.#step("identity", "authenticate", refused);
    }
    return this.#step("identity", "authenticate", undefined);
  }

  async #route(): Promise<AdminResult> {
    const { method, path } = this.#exchange.facts;
    const found = route(adminOperations, method, path);
    if (found.kind === "unknown") return this.#step("edge", "route", refusal("route-not-found"));
    if (found.kind === "method") {
      return this.#step("edge", "route", refusal("method-not-allowed", { headers: ["Allow", found.allow.join(", ")] }));
    }
    this.#exchange.api = adminApi;
    this.#exchange.route = routes.get(found.operation) ?? null;
    this.#step("edge", "route", undefined);
    return this.#checkRole(found.operation) ?? this.#perform(found.operation, found);
  }

  #checkRole({ role }: AdminOperation): AdminRefusal | undefined {
    const allowed = this.#hasRole(role);
    return this.#step("policy", "role", allowed ? undefined : refusal("role-missing", { detail: `it takes ${role}` }));
  }

  #hasRole(role: AdminRole): boolean {
    return this.#door.kind === "socket" || this.#options.hasRole(this.#exchange, role);
  }

  async #perform(operation: AdminOperation, { id, name }: PathValues): Promise<AdminResult> {
    const input = await this.#input(operation);
    if ("kind" in input) return this.#step("policy", operation.id, input);
    const { accept = "", "if-match": ifMatch } = this.#request.headers;
    const hasRole = (role: AdminRole): boolean => this.#hasRole(role);
    const call = {
      exchange: this.#exchange,
      hasRole,
      id,
      name,
      accept,
      ifMatch,
      contentType: this.#contentType(),
      ...input,
    };
    const result = await this.#recorded(await operation.run(call, this.#options.ports));
    this.#step("policy", operation.id, result.kind === "refusal" ? result : undefined, result.detail);
    return result;
  }

  /** Whoever has done something is told so when it is on record; else that the gateway cannot, and what stands in its log. */
  async #recorded(result: AdminResult): Promise<AdminResult> {
    if (result.kind === "refusal" || result.events === undefined) return result;
    const { facts, principal: by } = this.#exchange;
    try {
      await this.#options.events.record(...result.events.map((one) => ({ ...one, by, request: facts.id })));
      return result;
    } catch {
      return refusal("record-unavailable", { detail: result.detail });
    }
  }

  async #input({ query: known, body: takesBody }: AdminOperation): Promise<Input | AdminRefusal> {
    const query = readQuery(this.#exchange.facts.query, known);
    if ("kind" in query) return query;
    if (takesBody !== false && !typesOf(takesBody).has(this.#contentType())) return refusal("media-type-not-supported");
    const body = await readBody(this.#request, takesBody === false ? 0 : maxBody);
    if (typeof body !== "string") return body;
    this.#exchange.bytesIn = Buffer.byteLength(body);
    return { query, body };
  }

  #contentType(): string {
    const [type = "", ...parameters] = (this.#request.headers["content-type"] ?? "").toLowerCase().split(";");
    const plain = parameters.every((one) => /^\s*charset="?utf-8"?\s*$/.test(one));
    return plain ? type.trim() : "";
  }

  /** Notes a step of the way. @returns what it was given, so that a refusal can be noted where it is made */
  #step<T extends AdminRefusal | undefined>(door: Handover["door"], step: string, refused: T, detail?: string): T {
    const now = this.#options.clock.mono();
    const micros = Math.round((now - this.#since) * 1000);
    this.#since = now;
    const saw = refused?.detail ?? detail;
    this.#exchange.trail.push({
      door,
      step,
      outcome: refused === undefined ? "passed" : "refused",
      ...(refused === undefined ? {} : { reason: refused.reason }),
      ...(saw === undefined ? {} : { detail: saw }),
      micros,
    });
    return refused;
  }

  /** Completes the exchange. @returns what answers the caller */
  #answerOf(result: AdminResult): () => void {
    const exchange = this.#exchange;
    const { id } = exchange.facts;
    const body = result.kind === "answer" ? result.body : problemBody(result, id);
    const status = result.kind === "answer" ? result.status : reasons[result.reason].status;
    if (result.kind === "refusal") exchange.refusal = refuse(result.reason, { status });
    exchange.response = new ResponseDraft(status, "", new HeaderList(), null, "gateway");
    exchange.aborted = this.#request.socket.destroyed;
    exchange.bytesOut = Buffer.byteLength(body);
    const type = result.kind === "answer" ? result.contentType : "application/problem+json";
    // An unread body would be taken for the next request.
    const unread = this.#request.complete ? [] : ["Connection", "close"];
    const length = String(exchange.bytesOut);
    const fields = [
      "Content-Type",
      type,
      "Content-Length",
      length,
      "X-Request-Id",
      id,
      ...common,
      ...(result.headers ?? []),
      ...unread,
    ];
    return () => void this.#response.writeHead(status, withChallenge(fields, status)).end(body);
  }
}

interface Input {
  readonly query: ReadonlyMap<string, string>;
  readonly body: string;
}

const configurationTypes: ReadonlySet<string> = new Set(["application/yaml", "application/json"]);
const jsonAlone: ReadonlySet<string> = new Set(["application/json"]);

function typesOf(body: string): ReadonlySet<string> {
  return body === "configuration" || body === "entry" ? configurationTypes : jsonAlone;
}

/** Nothing here is for a page, a cache or a guess at what it might be. */
const common = [
  "Cache-Control",
  "no-store",
  "X-Content-Type-Options",
  "nosniff",
  "Content-Security-Policy",
  "default-src 'none'; frame-ancestors 'none'",
];

function identified({ principal, identityNote }: Exchange): AdminRefusal | undefined {
  if (principal.authMethod === "token") return undefined;
  return refusal(identityNote ?? "credentials-missing");
}

function asRefusal(outcome: Awaited<StepResult>): AdminRefusal | undefined {
  if (outcome?.kind !== "refusal") return undefined;
  const { reason, headers, detail } = outcome;
  return refusal(reason, { detail, ...(headers === undefined ? {} : { headers }) });
}

function withChallenge(fields: readonly string[], status: number): string[] {
  const told = fields.some((field, at) => at % 2 === 0 && field.toLowerCase() === "www-authenticate");
  return status === 401 && !told ? [...fields, "WWW-Authenticate", 'Bearer realm="sallyport admin"'] : [...fields];
}

function problemBody({ reason, message, members }: AdminRefusal, requestId: string): string {
  const { status, message: usual } = reasons[reason];
  const title = STATUS_CODES[status] ?? "Error";
  const type = `urn:sallyport:reason:${reason}`;
  return `${JSON.stringify({ type, title, status, detail: message ?? usual, reason, requestId, ...members }, null, 2)}\n`;
}

/** Bytes that are no HTTP: answered and recorded, and the connection ends. */
function refuseBytes(
  { record, canRecord, newId, clock }: HandlerOptions,
  socket: Socket,
  reason: ReasonCode,
  { scheme }: AdminDoor,
): void {
  if (socket.destroyed || !socket.writable) return;
  if (!canRecord()) return void socket.destroy();
  const exchange = exchangeOf(
    { url: "", method: "", httpVersion: "1.1", rawHeaders: [], headers: {}, socket },
    { id: newId(), now: clock.now(), mono: clock.mono(), scheme },
  );
  const { status } = reasons[reason];
  exchange.refusal = refuse(reason, { status });
  exchange.trail.push({ door: "edge", step: "read", outcome: "refused", reason, micros: 0 });
  const body = problemBody(refusal(reason), exchange.facts.id);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  Promise.resolve(record(exchange)).then(
    () => socket.end(`${head}${body}`),
    () => socket.destroy(),
  );
}
