import type { Refusal } from "#model/decision.ts";
import type { RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Connection } from "./connection.ts";
import { refusals } from "./refusals.ts";
import { isDropped, parseLength } from "./header-scan.ts";
import { isProtocol } from "./upgrade-offer.ts";
import { Intake } from "./intake.ts";
import type { RequestBody } from "./request-body.ts";

/** Judges one HTTP/2 request over its raw field list, pseudo-header fields first. */
export class Http2Intake extends Intake {
  /** Undefined when the client did not say. */
  bodyLength: number | undefined = undefined;
  expectsContinue = false;
  /** Of an extended CONNECT, lower case. The request is then shown as a GET. @see RFC 8441 §4 */
  protocol: string | null = null;
  #fields = 0;
  #scheme = "";
  #target = "";
  #authority = "";

  /** What is wrong with the request, or null. */
  judge(raw: readonly string[], connection: Connection): Refusal | null {
    this.reset("");
    return (
      this.#judgePseudo(raw) ??
      this.judgeFields(raw, this.#fields) ??
      this.#judgeForm() ??
      this.#judgeTarget() ??
      this.#judgeHost(connection)
    );
  }

  /** @see RFC 9113 §8.3.1 */
  #judgePseudo(raw: readonly string[]): Refusal | null {
    this.#scheme = "";
    this.#target = "";
    this.#authority = "";
    this.protocol = null;
    let at = 0;
    let seen = 0;
    for (; at < raw.length && (raw[at] as string).charCodeAt(0) === 0x3a; at += 2) {
      const bit = this.#takePseudo(raw[at] as string, raw[at + 1] as string);
      if (bit === 0 || (seen & bit) !== 0) return refusals.pseudo;
      seen |= bit;
    }
    this.#fields = at;
    return null;
  }

  /** A bit for the field, 0 for one that no request may have. */
  #takePseudo(name: string, value: string): number {
    if (name === ":method") {
      this.method = value;
      return 1;
    }
    if (name === ":scheme") {
      this.#scheme = value;
      return 2;
    }
    if (name === ":path") {
      this.#target = value;
      return 4;
    }
    if (name === ":protocol") {
      this.protocol = value.toLowerCase();
      return 16;
    }
    if (name !== ":authority") return 0;
    this.#authority = value;
    return 8;
  }

  /** @see RFC 9113 §8.2.2: fields of an HTTP/1.1 connection turn into framing when they are forwarded. */
  #judgeForm(): Refusal | null {
    const refusal = this.#judgeMethod();
    if (refusal !== null) return refusal;
    if (this.scan.connectionFields) return refusals.connectionField;
    if (this.#scheme !== "https" && this.#scheme !== "http") return refusals.scheme;
    this.expectsContinue = this.scan.expect !== null;
    if (this.expectsContinue && this.scan.expect?.toLowerCase() !== "100-continue") return refusals.expectation;
    this.bodyLength = undefined;
    if (this.scan.lengths === 0) return null;
    const length = this.scan.lengths > 1 ? -1 : parseLength(this.scan.contentLength);
    this.bodyLength = length;
    return length < 0 ? refusals.length : null;
  }

  #judgeMethod(): Refusal | null {
    if (this.protocol === null) return this.method === "CONNECT" || this.method === "TRACE" ? refusals.method : null;
    if (this.method !== "CONNECT") return refusals.pseudo;
    if (!isProtocol(this.protocol) || this.scan.lengths > 0 || this.scan.expect !== null)
      return refusals.extendedConnect;
    this.method = "GET";
    return null;
  }

  #judgeTarget(): Refusal | null {
    if (this.#target === "*" && this.method === "OPTIONS") return refusals.asterisk;
    return this.judgePath(this.#target);
  }

  #judgeHost(connection: Connection): Refusal | null {
    const { hosts, host } = this.scan;
    if (hosts > 1) return refusals.hostRepeated;
    if (this.#authority === "" && hosts === 0) return refusals.hostMissing;
    if (this.#authority === "") return this.judgeAuthority(host, connection);
    if (hosts === 1 && host.toLowerCase() !== this.#authority.toLowerCase()) return refusals.hostDiffers;
    return this.judgeAuthority(this.#authority, connection);
  }

  /** The facts of the request that {@link judge} has just passed. Host stands among the fields, as in HTTP/1.1. */
  facts(raw: readonly string[], connection: Connection, body: RequestBody | null): RequestFacts {
    const list: string[] = ["host", this.authority];
    const { allowedNames } = this.context;
    for (let at = this.#fields; at + 1 < raw.length; at += 2) {
      const name = raw[at] as string;
      if (name === "host" || (this.scan.cookies > 1 && name === "cookie")) continue;
      if (this.scan.drops && isDropped(name, allowedNames)) continue;
      list.push(name, raw[at + 1] as string);
    }
    if (this.scan.cookies > 1) list.push("cookie", cookieOf(raw, this.#fields));
    return this.factsOf("HTTP/2", new HeaderList(list), connection, body, this.protocol);
  }
}

/** HTTP/2 clients send cookies in crumbs; others know one field (RFC 9113 §8.2.3). */
function cookieOf(raw: readonly string[], from: number): string {
  let cookie = "";
  for (let at = from; at + 1 < raw.length; at += 2) {
    if (raw[at] === "cookie") cookie += cookie === "" ? (raw[at + 1] as string) : `; ${raw[at + 1]}`;
  }
  return cookie;
}
