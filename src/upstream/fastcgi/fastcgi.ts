import type { BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { FastCgiHandler } from "#model/handler.ts";
import type { Permit, PermitAuthority } from "#model/permit.ts";
import type { Clock, Log, UpstreamResponse } from "#model/ports.ts";
import { readWhole } from "#wire/whole-body.ts";
import { cgiEnvironment, type CgiScript } from "./cgi-environment.ts";
import { ConnectionPool } from "./connections.ts";
import { FastCgiCall } from "./fastcgi-call.ts";

export interface FastCgiOptions {
  /** Of this worker's permit authority. */
  readonly check: PermitAuthority["check"];
  readonly clock: Clock;
  readonly log: Log;
}

/** Asks application servers; like forwarding, only with the exchange's permit. */
export interface FastCgi {
  /** The server of one handler. Handlers that name the same one share its connections. */
  server(settings: FastCgiHandler): FastCgiServer;
  close(): void;
}

export interface FastCgiServer {
  /** @throws GatewayError `permit-…`, `upstream-…`, `client-…` */
  run(exchange: Exchange, permit: Permit, script: CgiScript): Promise<UpstreamResponse>;
}

/** Most that is kept of a body whose length is not told beforehand. */
const maxCollected = 1024 * 1024;

const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

export function createFastCgi(options: FastCgiOptions): FastCgi {
  const pools = new Map<string, ConnectionPool>();
  const started = new WeakSet<BodySource>();
  return {
    server: (settings) => {
      const { address, connectTimeoutMs, maxConnections, keep } = settings;
      const key = JSON.stringify([address, connectTimeoutMs, maxConnections, keep]);
      let pool = pools.get(key);
      if (pool === undefined) {
        pools.set(key, (pool = new ConnectionPool({ address, connectTimeoutMs, maxConnections, keep })));
      }
      return new PooledServer(settings, pool, options, started);
    },
    close: () => {
      for (const pool of pools.values()) pool.close();
    },
  };
}

class PooledServer implements FastCgiServer {
  readonly #settings: FastCgiHandler;
  readonly #pool: ConnectionPool;
  readonly #options: FastCgiOptions;
  readonly #started: WeakSet<BodySource>;

  constructor(settings: FastCgiHandler, pool: ConnectionPool, options: FastCgiOptions, started: WeakSet<BodySource>) {
    this.#settings = settings;
    this.#pool = pool;
    this.#options = options;
    this.#started = started;
  }

  async run(exchange: Exchange, permit: Permit, script: CgiScript): Promise<UpstreamResponse> {
    const { check, clock } = this.#options;
    check(permit, exchange, exchange.principal);
    const startedAt = clock.mono();
    const body = await this.#bodyOf(exchange);
    const variables = cgiEnvironment(exchange, script, body?.length, this.#settings.env);
    const note = (tries: number, status: number): void => {
      const endedMono = clock.mono();
      const headersMs = status === 0 ? 0 : endedMono - startedAt;
      const times = { connectMs: 0, headersMs, endedMono };
      exchange.upstream = { name: "fastcgi", address: this.#pool.name, url: "", tries, status, ...times };
    };
    for (let tries = 1; ; tries += 1) {
      const { call, reused } = await this.#call(exchange, variables, body, tries > 1);
      try {
        const response = await call.run();
        note(tries, response.status);
        return response;
      } catch (error) {
        note(tries, 0);
        // The usual race on a connection that was kept: closed by the server as the request left.
        const again = reused && !call.heard && body === null && idempotent.has(exchange.request.method);
        if (!again || exchange.aborted) throw error;
      }
    }
  }

  async #call(
    exchange: Exchange,
    variables: ReadonlyMap<string, string>,
    body: Uint8Array | BodySource | null,
    fresh: boolean,
  ): Promise<{ readonly call: FastCgiCall; readonly reused: boolean }> {
    const { socket, reused } = await this.#pool.take(fresh);
    if (exchange.aborted) {
      this.#pool.release(socket, false);
      throw new GatewayError("client-aborted", 499, "the client went away", { source: "client" });
    }
    const { method, timeoutMs } = exchange.request;
    const keep = this.#settings.keep > 0;
    const { log } = this.#options;
    const call = new FastCgiCall(
      socket,
      { variables, body, isHead: method === "HEAD", timeoutMs, keep },
      {
        onErrorText: (text) => log.warn("fastcgi", { requestId: exchange.facts.id, stderr: text }),
        onOver: (used, usable) => {
          this.#pool.release(used, usable);
          if (exchange.forwarding === call) exchange.forwarding = null;
        },
      },
    );
    exchange.forwarding = call;
    return { call, reused };
  }

  /** A body without a length is collected first: CGI tells the application how much will come. */
  async #bodyOf({ request, facts }: Exchange): Promise<Uint8Array | BodySource | null> {
    if (request.body !== undefined) return request.body;
    const { body } = facts;
    if (body === null) return null;
    if (this.#started.has(body)) throw new GatewayError("internal", 500, "the request's body has already been sent");
    this.#started.add(body);
    if (body.length !== undefined) return body;
    const whole = await readWhole(body, maxCollected);
    if (whole !== null) return whole;
    const message = `a body without a length has more than ${maxCollected} bytes`;
    throw new GatewayError("client-length-required", 411, message, { source: "client" });
  }
}
