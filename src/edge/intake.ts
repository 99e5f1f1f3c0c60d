import { type Refusal, refuse } from "#model/decision.ts";
import type { RequestFacts } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { Connection } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import { refusals } from "./refusals.ts";
import { showsSecret } from "./header-secret.ts";
import { HeaderScan } from "./header-scan.ts";
import { isAcceptableQuery, normalisePath } from "./normalise-path.ts";
import type { RequestBody } from "./request-body.ts";
import { clientAddress, trustedBeside } from "./trust.ts";

/**
 * What both protocols check in a request, and the parts that the facts are made of. One instance a listener: its
 * fields belong to the request judged last, and are read before the next one.
 */
export class Intake {
  method = "";
  target = "";
  path = "";
  query = "";
  authority = "";
  host = "";
  protected readonly context: EdgeContext;
  protected readonly scan: HeaderScan = new HeaderScan();

  constructor(context: EdgeContext) {
    this.context = context;
  }

  protected reset(method: string): void {
    this.method = method;
    this.target = "";
    this.path = "";
    this.query = "";
    this.authority = "";
    this.host = "";
  }

  /** Refuses what did not come through the proxy that proves itself by a secret, where there is one. */
  judgeProxy(raw: readonly string[]): Refusal | null {
    const { proxySecret } = this.context.settings;
    return proxySecret === null || showsSecret(raw, proxySecret) ? null : refusals.proxy;
  }

  /** @param from index of the first field that is no pseudo-header */
  protected judgeFields(raw: readonly string[], from: number): Refusal | null {
    const { limits } = this.context.settings;
    if (raw.length - from > limits.headerCount * 2) return refusals.headerCount;
    this.scan.scan(raw, from, this.context.allowedNames);
    return this.scan.bytes > limits.headerBytes ? refusals.headerBytes : null;
  }

  protected judgePath(target: string): Refusal | null {
    this.target = target;
    const mark = target.indexOf("?");
    const path = normalisePath(mark < 0 ? target : target.slice(0, mark));
    if (path === null) return refusals.path;
    this.path = path;
    if (mark < 0) return null;
    this.query = target.slice(mark + 1);
    return isAcceptableQuery(this.query) ? null : refusals.query;
  }

  protected judgeAuthority(authority: string, connection: Connection): Refusal | null {
    const host = connection.hostOf(authority);
    if (host === null) return refusals.hostInvalid;
    this.authority = authority;
    this.host = host;
    return connection.serves(host) ? this.#judgeCertificate(connection) : refusals.misdirected;
  }

  /** Asked of each request and not of the handshake: so that the client reads why, and the record has it. */
  #judgeCertificate(connection: Connection): Refusal | null {
    if (connection.clients?.settings?.mode !== "require") return null;
    const tls = connection.tlsFor(this.context.revoked, this.context.options.clock.now());
    if (tls === null || tls.certificate !== null) return null;
    const { certificateProblem } = tls;
    if (certificateProblem === null) return refusals.certificate;
    return refuse("certificate-not-trusted", { detail: certificateProblem });
  }

  protected factsOf(
    protocol: RequestFacts["protocol"],
    headers: HeaderList,
    connection: Connection,
    body: RequestBody | null,
    upgrade: string | null,
  ): RequestFacts {
    const { trust, settings } = this.context;
    const { clock, newId } = this.context.options;
    const startedAt = clock.now();
    const { peerAddress } = connection;
    const proved = settings.proxySecret !== null;
    if (proved) headers.delete(settings.proxySecret.header);
    const peerTrusted = proved || connection.trustedBy(trust);
    const believed = proved ? trustedBeside(trust, peerAddress) : trust;
    const client = peerTrusted ? clientAddress(peerAddress, headers.joined("x-forwarded-for"), believed) : peerAddress;
    return {
      id: newId(),
      startedAt,
      startedMono: clock.mono(),
      protocol,
      scheme: connection.scheme,
      method: this.method,
      host: this.host,
      authority: this.authority,
      target: this.target,
      path: this.path,
      query: this.query,
      headers,
      body,
      localPort: connection.localPort,
      peerAddress,
      clientAddress: client,
      peerTrusted,
      upgrade,
      tls: connection.tlsFor(this.context.revoked, startedAt),
    };
  }
}
