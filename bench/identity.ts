import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { Assertions } from "#identity/assertions.ts";
import { authenticateActor } from "#identity/authenticate-actor.ts";
import { createAuthenticator } from "#identity/authenticate.ts";
import { authenticateGroups, PrincipalGroups } from "#identity/groups/authenticate-groups.ts";
import { GroupFinder } from "#identity/groups/group-finder.ts";
import { Revocations } from "#identity/revocations.ts";
import { KeptLog, providerOf } from "#identity/testing/doubles.ts";
import { TestIssuer } from "#identity/testing/issuer.ts";
import { createTokenVerifier } from "#identity/token-verifier.ts";
import { unrevoked } from "#identity/unrevoked.ts";
import { applyIdentityHeaders } from "#identity/upstream-identity.ts";
import type { ClientStream } from "#model/body.ts";
import type { Principal } from "#model/principal.ts";
import { Exchange, type RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { createClock } from "#threads/clock.ts";

/**
 * What identity adds to a request whose token has been verified before: its look-up by its bytes, whether it is revoked,
 * and the fields for the upstream. The token comes as a fresh string each time, as from a socket, so that its hash is
 * paid for; the same loop without identity is taken off.
 */
const requests = 300_000;
const rounds = 7;

const clock = createClock();
const issuer = new TestIssuer(clock);
await issuer.addKey("k1");
const provider = providerOf(issuer.issuer);
const verifier = createTokenVerifier({ providers: [provider], egress: issuer, clock, log: new KeptLog() });
await verifier.ready();
const groups = Array.from({ length: 20 }, () => randomBytes(8).toString("hex"));
const made = await Promise.all(
  Array.from({ length: 1000 }, (_, at) =>
    issuer.token({
      sub: `user-${at}`,
      jti: `t-${at}`,
      groups,
      scope: "orders.read orders.write",
      email: "a@example.com",
    }),
  ),
);
for (const token of made) await verifier.verify(token);
const tokens = made.map((token) => Buffer.from(`Bearer ${token}`, "latin1"));

const revocations = new Revocations([], clock);
const other = { kind: "principal", id: "somebody", until: null, reason: "", revokedAt: 0 } as const;
revocations.apply({ put: other });
const { authenticate } = createAuthenticator({ tokens: verifier, keys: { find: () => undefined } });
const groupsOfNobody = new PrincipalGroups(
  new GroupFinder(() => Promise.reject(new Error("nobody is asked about")), clock),
  [provider],
);
const withGroups = authenticateGroups(
  (exchange) => authenticate(exchange),
  () => groupsOfNobody,
);
const withActors = authenticateActor(withGroups, { tokens: verifier, header: () => "x-actor-token" });
const identify = unrevoked(withActors, revocations);

function exchangeFor(at: number): Exchange {
  const authorization = (tokens[at % tokens.length] as Buffer).toString("latin1");
  const headers = new HeaderList(["Host", "api.example.com", "Accept", "*/*", "Authorization", authorization]);
  return new Exchange({ ...facts, headers }, client);
}

const client = {} as ClientStream;
const facts: RequestFacts = {
  id: "1",
  startedAt: 0,
  startedMono: 0,
  protocol: "HTTP/1.1",
  scheme: "https",
  method: "GET",
  host: "api.example.com",
  authority: "api.example.com",
  target: "/orders",
  path: "/orders",
  query: "",
  headers: new HeaderList(),
  body: null,
  peerAddress: "192.0.2.1",
  clientAddress: "192.0.2.1",
  peerTrusted: false,
  upgrade: null,
  tls: null,
};

function without(count: number): number {
  let kept = 0;
  for (let at = 0; at < count; at += 1) kept += exchangeFor(at).request.headers.clone().raw.length;
  return kept;
}

function withIdentity(count: number): number {
  let kept = 0;
  for (let at = 0; at < count; at += 1) {
    const exchange = exchangeFor(at);
    if (identify(exchange) !== undefined) throw new Error("not let through at once");
    const headers = exchange.request.headers.clone();
    applyIdentityHeaders(headers, exchange.principal, null);
    kept += headers.raw.length;
  }
  return kept;
}

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = { id: "k1", pkcs8: privateKey.export({ type: "pkcs8", format: "der" }), issuer: "sallyport" };
const assertions = new Assertions({ clock, newId: () => randomUUID() }, key);
const principals = made.map((token) => principalOf(token));

function principalOf(token: string): Principal {
  const verdict = verifier.verify(token);
  if (verdict instanceof Promise || !verdict.ok) throw new Error("not known");
  return verdict.principal;
}

/** What was signed within the last minute. */
function asserted(count: number): number {
  let kept = 0;
  for (let at = 0; at < count; at += 1) {
    kept += assertions.for(principals[at % principals.length] as Principal, "orders").length;
  }
  return kept;
}

/** Nanoseconds of CPU for each principal, signed anew. */
function signing(): number {
  assertions.use(key);
  const before = process.cpuUsage();
  asserted(principals.length);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / principals.length;
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0);
}

/** Nanoseconds of CPU for each. */
function cost(run: (count: number) => number): number {
  const before = process.cpuUsage();
  run(requests);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / requests;
}

without(requests);
withIdentity(requests);
const found = Array.from({ length: rounds }, () => [cost(without), cost(withIdentity)] as const);
const added = found.map(([base, whole]) => whole - base).toSorted((left, right) => left - right);
const middle = added[Math.floor(rounds / 2)] ?? 0;
const length = Math.round(tokens.reduce((sum, { length: one }) => sum + one, 0) / tokens.length);
const line = {
  addedNanoseconds: Math.round(middle),
  least: Math.round(added[0] ?? 0),
  most: Math.round(added.at(-1) ?? 0),
};
process.stdout.write(`${JSON.stringify({ tokens: tokens.length, tokenCharacters: length, ...line })}\n`);
const signed = median(Array.from({ length: rounds }, signing));
const remembered = median(Array.from({ length: rounds }, () => cost(asserted)));
const characters = assertions.for(principals[0] as Principal, "orders").length;
const assertion = { characters, signingNanoseconds: signed, rememberedNanoseconds: remembered };
process.stdout.write(`${JSON.stringify({ assertion })}\n`);
verifier.close();
