import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClientStream } from "#model/body.ts";
import type { Refusal } from "#model/decision.ts";
import { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { KeyMatch, OwnerFacts, SubscriptionDetails, TokenVerdict } from "#model/ports.ts";
import { anonymous } from "#model/principal.ts";
import type { AccessPlan, ApiFacts, ProductFacts, Route } from "#model/snapshot.ts";
import { createAuthenticator } from "./authenticate.ts";
import { challengeOf } from "./challenges.ts";
import { redactKeyFromQuery } from "./key-query.ts";
import { type Membership, resolveSubscription } from "./subscription.ts";

const keyName = "Ocp-Apim-Subscription-Key";
const keyChallenge = `AzureApiManagementKey realm="https://api.example.com:8443/orders",name="${keyName}",type="header"`;

const products: readonly ProductFacts[] = [
  { name: "starter", displayName: "Starter", subscription: "key", members: null },
  { name: "members", displayName: "Members", subscription: "identity", members: null },
  { name: "elsewhere", displayName: "Elsewhere", subscription: "either", members: null },
];

const ann: OwnerFacts = {
  id: "ann",
  state: "active",
  email: "ann@example.com",
  firstName: "Ann",
  lastName: "Example",
  note: "",
  groups: [{ id: "partners", name: "Partners" }],
  identities: [],
  registeredAt: 0,
};

function ownedBy(id: string | null): SubscriptionDetails {
  return { createdAt: 0, startedAt: null, endsAt: null, displayName: null, owner: () => (id === null ? null : ann) };
}

const keys: Readonly<Record<string, KeyMatch>> = {
  "key-starter": { subscription: "acme", scope: "product:starter", state: "active", slot: "primary" },
  "key-members": { subscription: "odd", scope: "product:members", state: "active", slot: "primary" },
  "key-elsewhere": { subscription: "other", scope: "product:elsewhere", state: "active", slot: "secondary" },
  "key-api": { subscription: "one", scope: "api:orders", state: "active", slot: "primary" },
  "key-other-api": { subscription: "two", scope: "api:billing", state: "active", slot: "primary" },
  "key-all": { subscription: "ops", scope: "all", state: "active", slot: "primary" },
  "key-of-ann": { subscription: "anns", scope: "all", state: "active", slot: "primary", details: ownedBy("ann") },
  "key-of-gone": { subscription: "gone", scope: "all", state: "active", slot: "primary", details: ownedBy(null) },
  "key-suspended": { subscription: "late", scope: "all", state: "suspended", slot: "primary" },
};

const alice = { ...anonymous, id: "i||alice", kind: "user", subject: "alice", authMethod: "token" } as const;

const verdicts: Readonly<Record<string, TokenVerdict>> = {
  good: { ok: true, provider: "corp", principal: alice, claims: {} },
  expired: { ok: false, reason: "token-expired", detail: "exp 1" },
  foreign: { ok: false, reason: "token-issuer-unknown", detail: "iss" },
  down: { ok: false, reason: "provider-unavailable", detail: "no keys" },
};
const malformed: TokenVerdict = { ok: false, reason: "token-malformed", detail: "not three parts" };

const authenticator = createAuthenticator({
  tokens: {
    verifyBound: (token) =>
      token === "slow" ? Promise.resolve(verdicts["good"] ?? malformed) : (verdicts[token] ?? malformed),
  },
  keys: { find: (key) => keys[key] },
});

interface Given {
  readonly headers?: string[];
  readonly query?: string;
  readonly plan?: Partial<AccessPlan>;
  readonly products?: readonly number[];
  readonly forward?: boolean;
}

function exchangeOf(given: Given): Exchange {
  const exchange = new Exchange(
    {
      id: "1",
      startedAt: 0,
      startedMono: 0,
      protocol: "HTTP/1.1",
      scheme: "https",
      method: "GET",
      host: "api.example.com",
      authority: "api.example.com:8443",
      target: "/orders",
      path: "/orders",
      query: given.query ?? "",
      headers: new HeaderList(given.headers ?? []),
      body: null,
      peerAddress: "192.0.2.1",
      clientAddress: "192.0.2.1",
      peerTrusted: false,
      upgrade: null,
      tls: null,
    },
    {} as ClientStream,
  );
  exchange.api = apiOf(given.forward ?? false);
  exchange.route = routeOf(given);
  return exchange;
}

function apiOf(forward: boolean): ApiFacts {
  const subscriptionKey = { header: keyName, query: "subscription-key", forward };
  return {
    name: "orders",
    displayName: "Orders",
    path: "/orders",
    trustedProxies: [],
    subscriptionKey,
    version: "",
    revision: null,
    errors: "problem",
    retryMethods: null,
  };
}

function routeOf(given: Given): Route {
  const chosen = given.products ?? [0];
  return {
    id: 0,
    api: 0,
    operation: "list",
    method: "GET",
    template: "/orders",
    apiPathLength: 7,
    access: { public: false, clientCertificate: false, rules: [], subscription: "key", ...given.plan },
    chains: [{ product: -1, chain: 0 }, ...chosen.map((product) => ({ product, chain: 0 }))],
    handler: { kind: "proxy" },
    compression: null,
    maintenance: null,
    backend: 0,
    bodyBytes: 0,
    timeoutMs: 0,
    upgrades: [],
    examples: [],
    description: null,
    forwardAuth: false,
  };
}

/** Of `elsewhere`, nobody is a member who is not called so. */
const members: Membership = {
  holds: ({ principal }, { name }) => name !== "elsewhere" || !principal.id.includes("stranger"),
  missing: () => undefined,
};

/** Both steps, as the pipeline runs them. */
async function run(given: Given): Promise<{ exchange: Exchange; refusal: Refusal | undefined }> {
  const exchange = exchangeOf(given);
  const outcome =
    (await authenticator.authenticate(exchange)) ?? resolveSubscription(exchange, products, members, challengeOf([]));
  assert.ok(outcome?.kind !== "answer");
  return { exchange, refusal: outcome };
}

async function reasonFor(given: Given): Promise<string> {
  return (await run(given)).refusal?.reason ?? "passed";
}

const bearer = (token: string): string[] => ["Authorization", `Bearer ${token}`];
const withKey = (key: string): string[] => [keyName, key];

describe("the bearer token", () => {
  const open = { plan: { public: true, subscription: "none" } } as const;

  it("of a known issuer makes the principal, at once when it is remembered", () => {
    for (const scheme of ["Bearer", "bearer", "BEARER"]) {
      const exchange = exchangeOf({ ...open, headers: ["authorization", `${scheme} good`] });
      assert.equal(authenticator.authenticate(exchange), undefined);
      assert.equal(exchange.principal, alice);
    }
  });

  it("is waited for when it must be verified", async () => {
    const exchange = exchangeOf({ ...open, headers: [...bearer("slow"), ...withKey("key-all")] });
    const pending = authenticator.authenticate(exchange);
    assert.ok(pending instanceof Promise);
    assert.equal(await pending, undefined);
    assert.equal(exchange.principal, alice);
    assert.equal(exchange.subscription?.id, "ops");
  });

  it("that fails is refused with its reason, on a public route too", async () => {
    const { refusal } = await run({ ...open, headers: bearer("expired") });
    assert.equal(refusal?.reason, "token-expired");
    assert.deepEqual(refusal?.headers, [
      "WWW-Authenticate",
      'Bearer realm="api.example.com", error="invalid_token", error_description="token-expired"',
    ]);
  });

  it("cannot be judged without the provider", async () => {
    assert.equal(await reasonFor({ ...open, headers: bearer("down") }), "provider-unavailable");
  });

  it("of an issuer that is not ours, and an opaque one, make nobody and are noted", async () => {
    for (const [token, note] of [
      ["foreign", "token-issuer-unknown"],
      ["opaque", "token-malformed"],
      ["", "token-malformed"],
    ] as const) {
      const { exchange, refusal } = await run({ ...open, headers: bearer(token) });
      assert.equal(refusal, undefined);
      assert.equal(exchange.principal, anonymous);
      assert.equal(exchange.identityNote, note);
    }
  });

  it("twice is a malformed request, whichever is good", async () => {
    for (const headers of [
      [...bearer("good"), ...bearer("good")],
      [...bearer("good"), "AUTHORIZATION", "Basic eDp5"],
    ]) {
      assert.equal(await reasonFor({ ...open, headers }), "malformed-request");
    }
  });

  it("is not looked for in other schemes", async () => {
    const { exchange, refusal } = await run({ ...open, headers: ["Authorization", "Basic eDp5"] });
    assert.deepEqual([refusal, exchange.principal, exchange.identityNote], [undefined, anonymous, null]);
  });
});

describe("the subscription key", () => {
  it("puts a request into its product, and is no identity", async () => {
    const { exchange, refusal } = await run({ headers: withKey("key-starter") });
    assert.equal(refusal, undefined);
    assert.equal(exchange.product, products[0]);
    assert.deepEqual(exchange.subscription, { id: "acme", scope: "product:starter", by: "key" });
    assert.deepEqual([exchange.principal.kind, exchange.principal.authMethod], ["anonymous", "subscription-key"]);
  });

  it("of a subscription with an owner is that user's, one object for all requests, unless a token says who calls", async () => {
    const { exchange } = await run({ headers: withKey("key-of-ann") });
    const { id, kind, subject, groups, email, displayName, authMethod } = exchange.principal;
    assert.deepEqual(
      { id, kind, subject, groups, email, displayName, authMethod },
      {
        id: "urn:sallyport:users||ann",
        kind: "user",
        subject: "ann",
        groups: ["partners"],
        email: "ann@example.com",
        displayName: "Ann Example",
        authMethod: "subscription-key",
      },
    );
    assert.equal((await run({ headers: withKey("key-of-ann") })).exchange.principal, exchange.principal);
    const both = await run({ headers: [...bearer("good"), ...withKey("key-of-ann")] });
    assert.equal(both.exchange.principal, alice);
    const gone = await run({ headers: withKey("key-of-gone") });
    assert.deepEqual(
      [gone.exchange.principal.kind, gone.exchange.principal.authMethod],
      ["anonymous", "subscription-key"],
    );
  });

  it("of the API or of all APIs covers it without a product", async () => {
    for (const key of ["key-api", "key-all"]) {
      const { exchange, refusal } = await run({ headers: withKey(key) });
      assert.deepEqual([refusal, exchange.product], [undefined, null]);
      assert.equal(exchange.subscription?.by, "key");
    }
  });

  it("must be there, known, active and cover the API", async () => {
    const cases = {
      "key-missing": [[], withKey("")],
      "key-invalid": [withKey("nobody's"), withKey("key-suspended"), withKey("k".repeat(257))],
      "key-not-in-scope": [withKey("key-elsewhere"), withKey("key-other-api"), withKey("key-members")],
    };
    for (const [reason, tries] of Object.entries(cases)) {
      for (const headers of tries) {
        const { refusal } = await run({ headers, products: [0, 1] });
        assert.equal(refusal?.reason, reason, headers.join());
        assert.deepEqual(refusal?.headers, ["WWW-Authenticate", keyChallenge]);
        assert.doesNotMatch(JSON.stringify(refusal), /nobody's|kkkk/);
      }
    }
  });

  it("must be good on a public route too, where none is needed", async () => {
    const plan = { public: true };
    assert.equal(await reasonFor({ plan, headers: withKey("nobody's") }), "key-invalid");
    assert.equal(await reasonFor({ plan, headers: withKey("key-elsewhere") }), "key-not-in-scope");
    assert.equal(await reasonFor({ plan }), "passed");
  });

  it("comes from the query when the header is absent", async () => {
    assert.equal(await reasonFor({ query: "a=1&subscription-key=key-starter" }), "passed");
    assert.equal(await reasonFor({ query: "subscription%2Dkey=key%2Dstarter" }), "passed");
    const query = "subscription-key=key-starter";
    assert.equal(await reasonFor({ query, headers: withKey("nobody's") }), "key-invalid");
    assert.equal(await reasonFor({ query: "subscription-key=nobody", headers: withKey("key-starter") }), "passed");
  });

  it("given in several different ways is invalid", async () => {
    const [name = "", key = ""] = withKey("key-starter");
    assert.equal(await reasonFor({ headers: [name, key, name, "key-all"] }), "key-invalid");
    assert.equal(await reasonFor({ headers: [name, key, name.toLowerCase(), key] }), "passed");
    assert.equal(await reasonFor({ query: "subscription-key=key-all&Subscription-Key=key-starter" }), "key-invalid");
  });

  it("does not travel on, and what came in is not changed", async () => {
    const query = "a=1&subscription-key=key-all&b=%20&SUBSCRIPTION%2dKEY=key-all";
    const { exchange } = await run({ headers: ["Accept", "x", ...withKey("key-all")], query });
    assert.deepEqual(exchange.request.headers.raw, ["Accept", "x"]);
    assert.equal(exchange.request.query, "a=1&b=%20");
    assert.equal(exchange.facts.headers.get(keyName.toLowerCase()), "key-all");
    assert.equal(exchange.facts.query, query);
    assert.equal(
      redactKeyFromQuery(query, "subscription-key"),
      "a=1&subscription-key=***&b=%20&SUBSCRIPTION%2dKEY=***",
    );
  });

  it("travels on where the API says so", async () => {
    const given = { headers: withKey("key-all"), query: "subscription-key=key-all", forward: true };
    const { exchange } = await run(given);
    assert.equal(exchange.request.headers.get(keyName.toLowerCase()), "key-all");
    assert.equal(exchange.request.query, given.query);
  });
});

describe("a product by identity", () => {
  const identity = { plan: { subscription: "identity" }, products: [0, 1] } as const;
  const either = { plan: { subscription: "either" }, products: [0, 1] } as const;

  it("needs no key", async () => {
    for (const given of [identity, either]) {
      const { exchange, refusal } = await run({ ...given, headers: bearer("good") });
      assert.deepEqual([refusal, exchange.product], [undefined, products[1]]);
      assert.deepEqual(exchange.subscription, { id: "identity:i||alice", scope: "product:members", by: "identity" });
    }
  });

  it("is not for nobody, and says why", async () => {
    assert.equal(await reasonFor(identity), "credentials-missing");
    assert.equal(await reasonFor(either), "credentials-missing");
    assert.equal(await reasonFor({ ...identity, headers: bearer("foreign") }), "token-issuer-unknown");
    assert.equal(await reasonFor({ ...identity, headers: withKey("key-all") }), "credentials-missing");
    assert.equal(await reasonFor({ ...identity, headers: withKey("key-of-ann") }), "credentials-missing");
    assert.equal(await reasonFor({ ...either, headers: withKey("key-starter") }), "passed");
  });

  it("does not replace the key where the product wants one", async () => {
    assert.equal(await reasonFor({ headers: bearer("good") }), "key-missing");
  });

  it("is not needed where no product holds the API", async () => {
    const { exchange, refusal } = await run({ plan: { subscription: "none" }, products: [] });
    assert.deepEqual([refusal, exchange.product, exchange.subscription], [undefined, null, null]);
  });
});
