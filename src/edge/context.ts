import type { Socket } from "node:net";
import type { EdgeSettings } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import { ChallengeAnswers } from "./challenge-answers.ts";
import type { EdgeOptions, EdgeRefusal } from "./edge-types.ts";
import { ClientIssuers } from "./client-issuers.ts";
import { EndedCounts } from "./ended-connections.ts";
import type { ProxiedPeer } from "./proxy-header.ts";
import { HttpDate } from "./http-date.ts";
import { RevokedSet } from "./revoked-set.ts";
import { StapleSet } from "./staple-set.ts";
import { Sweeper } from "./sweeper.ts";
import { createTrust, plainAddress, type Trust } from "./trust.ts";

/** What the listeners of one edge share: the settings in force, and the counts. */
export class EdgeContext {
  readonly options: EdgeOptions;
  readonly sweeper: Sweeper;
  readonly challenges: ChallengeAnswers = new ChallengeAnswers();
  readonly staples: StapleSet;
  readonly clientIssuers: ClientIssuers;
  /** Connections that ended before a request. */
  readonly ended: EndedCounts;
  readonly revoked: RevokedSet;
  readonly date: HttpDate;
  settings: EdgeSettings;
  trust: Trust;
  allowedNames: ReadonlySet<string>;
  /** Value of `Strict-Transport-Security`, or null. */
  hsts: string | null;
  /** Who is at the other end, where the accepted socket does not say: over a Unix socket, or named in a PROXY header. */
  readonly peers: WeakMap<Socket, ProxiedPeer> = new WeakMap();
  draining = false;
  /** The time for that is over: connections that are left are broken off. */
  cutting = false;
  inFlight = 0;
  /** PEM. */
  internalRoots: string;

  constructor(options: EdgeOptions) {
    this.options = options;
    this.staples = new StapleSet(options.staples ?? []);
    this.clientIssuers = new ClientIssuers(options.onClientIssuer ?? (() => {}));
    this.ended = new EndedCounts({ tell: options.onConnectionsEnded ?? (() => {}) });
    this.revoked = new RevokedSet(options.revoked ?? []);
    this.date = new HttpDate(() => options.clock.now());
    this.settings = options.settings;
    this.trust = createTrust(options.settings.trustedProxies);
    this.allowedNames = new Set(options.settings.allowedHeaderNames);
    this.hsts = hstsValue(options.settings);
    this.internalRoots = options.internalRoots ?? "";
    if (options.challenges !== undefined) this.challenges.set(options.challenges);
    this.sweeper = new Sweeper(options.clock, () => this.settings.limits);
  }

  /**
   * Address of the client at the other end, or behind the proxy that speaks the PROXY protocol; `unix` over a Unix
   * socket. It is never concluded from an address that is missing: a TCP client that has gone has none either.
   */
  peerOf(accepted: Socket): string {
    return this.peers.get(accepted)?.address ?? plainAddress(accepted.remoteAddress);
  }

  update(settings: EdgeSettings): void {
    this.trust = createTrust(settings.trustedProxies);
    this.settings = settings;
    this.allowedNames = new Set(settings.allowedHeaderNames);
    this.hsts = hstsValue(settings);
  }

  /** An API says that it is served in clear there, although HTTPS is on. */
  servesClear(port: number, host: string): boolean {
    const { clearPlaces } = this.settings;
    return clearPlaces?.some((place) => place.port === port && holdsHost(place.hosts, host)) === true;
  }

  /** Hands the exchange over. One that throws costs its own client the answer, never the worker its life. */
  deliver(exchange: Exchange): void {
    try {
      this.options.onExchange(exchange);
    } catch (error) {
      this.options.log.error("exchange was not taken", { requestId: exchange.facts.id, error: String(error) });
      exchange.client.abort();
    }
  }

  /** Has a refusal recorded, then answers; `giveUp` when the record is needed first and cannot be written. */
  refused(facts: Omit<EdgeRefusal, "at">, answer: () => void, giveUp: () => void): void {
    const recorded = this.options.onRefused({ ...facts, at: this.options.clock.now() });
    if (recorded instanceof Promise) recorded.then(answer, giveUp);
    else answer();
  }
}

function hstsValue({ hsts }: EdgeSettings): string | null {
  if (hsts === null) return null;
  return `max-age=${hsts.maxAgeSeconds}${hsts.includeSubDomains ? "; includeSubDomains" : ""}`;
}

function holdsHost(hosts: readonly string[], host: string): boolean {
  return hosts.length === 0 || hosts.includes(host) || hosts.includes(`*${host.slice(host.indexOf("."))}`);
}
