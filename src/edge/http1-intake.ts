import type { Refusal } from "#model/decision.ts";
import type { RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { chunkedBody, staysOpen } from "#wire/http1-framing.ts";
import type { Connection } from "./connection.ts";
import { refusals } from "./refusals.ts";
import { withoutDropped } from "./header-scan.ts";
import { framingOf } from "./http1-request-framing.ts";
import { Intake } from "./intake.ts";
import type { RequestHead } from "./http1-request-parser.ts";
import type { RequestBody } from "./request-body.ts";

/**
 * Judges one HTTP/1.x request over its raw target and fields: what the parser takes is well-formed, and no more than that.
 */
export class Http1Intake extends Intake {
  /** -1: no body; undefined: chunked. */
  bodyLength: number | undefined = -1;
  expectsContinue = false;
  #absolute: string | null = null;

  /** The client keeps the connection open behind this request. */
  keepAlive = true;

  /**
   * Nothing behind this request may be looked at. Upgrade: it may be of the other protocol. Expectation without a body:
   * it may be the body, of a client that forgot to say so.
   *
   * @see RFC 9112 §9.6
   */
  get isLast(): boolean {
    return !this.keepAlive || this.scan.upgrade || (this.expectsContinue && this.bodyLength === -1);
  }

  /** What is wrong with the request, or null. */
  judge({ method, target, minor, fields }: RequestHead, connection: Connection): Refusal | null {
    this.reset(method);
    this.bodyLength = -1;
    this.expectsContinue = false;
    this.#absolute = null;
    const wrong = this.judgeFields(fields, 0);
    this.keepAlive = staysOpen(minor, this.scan.connection);
    return (
      wrong ??
      this.#judgeFraming(minor) ??
      this.#judgeExpect(minor) ??
      this.#judgeTarget(target) ??
      this.#judgeHost(connection)
    );
  }

  #judgeFraming(minor: number): Refusal | null {
    const framing = framingOf(this.scan, minor);
    if (typeof framing !== "number") return framing;
    this.bodyLength = framing === chunkedBody ? undefined : framing || -1;
    return null;
  }

  #judgeExpect(minor: number): Refusal | null {
    const { expect } = this.scan;
    if (expect === null) return null;
    if (expect.toLowerCase() !== "100-continue") return refusals.expectation;
    this.expectsContinue = minor > 0;
    return null;
  }

  #judgeTarget(target: string): Refusal | null {
    if (this.method === "CONNECT" || this.method === "TRACE") return refusals.method;
    if (target.charCodeAt(0) === 0x2f) return this.judgePath(target);
    if (target === "*") return this.method === "OPTIONS" ? refusals.asterisk : refusals.target;
    return this.#judgeAbsolute(target);
  }

  /** The authority of an absolute target goes before Host (RFC 9112 §3.2.2), for routing only: nothing is dialled by it. */
  #judgeAbsolute(target: string): Refusal | null {
    const scheme = /^https?:\/\//i.exec(target)?.[0];
    if (scheme === undefined) return refusals.target;
    const rest = target.slice(scheme.length);
    const end = rest.search(/[/?]/);
    this.#absolute = end < 0 ? rest : rest.slice(0, end);
    if (end < 0) return this.judgePath("/");
    return this.judgePath(rest.charCodeAt(end) === 0x2f ? rest.slice(end) : `/${rest.slice(end)}`);
  }

  #judgeHost(connection: Connection): Refusal | null {
    const { hosts, host } = this.scan;
    if (hosts === 0) return refusals.hostMissing;
    if (hosts > 1) return refusals.hostRepeated;
    if (this.#absolute === null) return this.judgeAuthority(host, connection);
    if (connection.hostOf(host) === null) return refusals.hostInvalid;
    return this.judgeAuthority(this.#absolute, connection);
  }

  /** The facts of the request that {@link judge} has just passed. */
  facts(
    { fields, minor }: RequestHead,
    connection: Connection,
    body: RequestBody | null,
    upgrade: string | null,
  ): RequestFacts {
    const raw = this.scan.drops ? withoutDropped(fields, this.context.allowedNames) : fields;
    const headers = new HeaderList(raw);
    if (this.#absolute !== null) headers.set("Host", this.#absolute);
    const protocol = minor === 0 ? "HTTP/1.0" : "HTTP/1.1";
    return this.factsOf(protocol, headers, connection, body, upgrade);
  }
}
