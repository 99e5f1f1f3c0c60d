import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { loadText } from "#config/fixture.test-helper.ts";
import { exportKey, makeAuthority, makeLeaf } from "#edge/x509.ts";
import { KeptLog } from "#identity/testing/doubles.ts";
import { createTokenVerifier, type ManagedTokenVerifier } from "#identity/token-verifier.ts";
import type { TokenVerdict } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import { createClock } from "#threads/clock.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { LocalIssuer } from "#test/support/local-issuer.ts";

type Claims = Readonly<Record<string, unknown>>;

const tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const other = "bbbbcccc-1111-dddd-2222-eeee3333ffff";
const clock = createClock();

let local: LocalIssuer;
const verifiers: ManagedTokenVerifier[] = [];

before(async () => {
  local = await LocalIssuer.start();
});

after(async () => {
  for (const verifier of verifiers) verifier.close();
  await local[Symbol.asyncDispose]();
});

/** A verifier for one provider, as the definition has it. */
async function verifierOf(
  provider: string,
  log: KeptLog = new KeptLog(),
  files: Readonly<Record<string, string>> = {},
): Promise<ManagedTokenVerifier> {
  const text = `version: 1\nidentity: { providers: { corp: ${provider} } }`;
  const { definition, diagnostics } = await loadText(text, { files });
  assert.ok(definition !== null && definition !== undefined, JSON.stringify(diagnostics));
  const egress = createEgress({ allow: [], ownAddresses: [], clock });
  const verifier = createTokenVerifier({ providers: definition.providers, egress, clock, log });
  verifiers.push(verifier);
  await verifier.ready();
  return verifier;
}

async function codesOf(provider: string): Promise<readonly string[]> {
  const { diagnostics } = await loadText(`version: 1\nidentity: { providers: { corp: ${provider} } }`);
  return diagnostics.map(({ code }) => code);
}

function principalOf(verdict: TokenVerdict): Principal {
  assert.ok(verdict.ok, verdict.ok ? "" : `${verdict.reason}: ${verdict.detail}`);
  return verdict.principal;
}

function whyNot(verdict: TokenVerdict): string {
  return verdict.ok ? "accepted" : `${verdict.reason}: ${verdict.detail}`;
}

/** The principal of good claims, and that each change to them is refused as it says. */
async function check(
  verifier: ManagedTokenVerifier,
  good: Claims,
  bad: readonly (readonly [Claims, RegExp])[],
): Promise<Principal> {
  const principal = principalOf(await verifier.verify(await local.sign(good)));
  for (const [change, expected] of bad) {
    const verdict = await verifier.verify(await local.sign({ ...good, ...change }));
    assert.match(whyNot(verdict), expected, JSON.stringify(change));
  }
  return principal;
}

describe("Microsoft Entra ID, version 2.0", () => {
  const claims = (tid: string): Claims => ({
    aud: "66666666-7777-8888-9999-000000000000",
    iss: `${local.origin}/${tid}/v2.0`,
    aio: "AXQAi/8IAAAA",
    azp: "11112222-bbbb-3333-cccc-4444dddd5555",
    azpacr: "1",
    name: "Ann Example",
    oid: "00aa00aa-bb11-cc22-dd33-44ee44ee44ee",
    preferred_username: "ann@contoso.example",
    rh: "0.AAAA",
    roles: ["Orders.Admin"],
    groups: ["22223333-cccc-4444-dddd-5555eeee6666"],
    scp: "Orders.Read Orders.Write",
    sub: "pairwise-subject",
    tid,
    uti: "fqiBqXLPj0eQa82S-IYFAA",
    ver: "2.0",
  });
  const provider = (): string =>
    `{ preset: entra-id-v2, issuer: "${local.origin}/${tenant}/v2.0", audiences: [66666666-7777-8888-9999-000000000000] }`;

  before(() => {
    local.publish(`/${tenant}/v2.0`);
    local.publish("/organizations/v2.0", `${local.origin}/{tenantid}/v2.0`);
  });

  it("makes a person of oid and tid, and refuses what only looks like it", async () => {
    const principal = await check(await verifierOf(provider()), claims(tenant), [
      [{ ver: "1.0" }, /^token-type-not-allowed: ver/],
      [{ ver: undefined }, /^token-claim-missing: ver/],
      [{ tid: other }, /^token-claim-not-allowed: tid .* is not the issuer's/],
      [{ oid: undefined }, /^token-claim-missing: oid/],
      // An ID token names no client.
      [{ azp: undefined }, /^token-claim-missing: azp/],
      [{ scp: ["Orders.Read"] }, /^token-claim-not-allowed: scp is not a text/],
      [{ iss: `${local.origin}/${other}/v2.0`, tid: other }, /^token-issuer-unknown/],
    ]);
    const { claims: _, tokenDigest: __, ...rest } = principal;
    assert.deepEqual(rest, {
      id: `${local.origin}/${tenant}/v2.0|${tenant}|00aa00aa-bb11-cc22-dd33-44ee44ee44ee`,
      kind: "user",
      issuer: `${local.origin}/${tenant}/v2.0`,
      subject: "00aa00aa-bb11-cc22-dd33-44ee44ee44ee",
      tenant,
      displayName: "Ann Example",
      groups: ["22223333-cccc-4444-dddd-5555eeee6666"],
      roles: ["Orders.Admin"],
      scopes: ["Orders.Read", "Orders.Write"],
      authMethod: "token",
      provider: "corp",
      clientId: "11112222-bbbb-3333-cccc-4444dddd5555",
      tokenId: "fqiBqXLPj0eQa82S-IYFAA",
    });
  });

  it("knows an application by itself, and an agent of the definition", async () => {
    const app = { ...claims(tenant), scp: undefined, idtyp: "app", sub: claims(tenant)["oid"] };
    assert.equal(principalOf(await (await verifierOf(provider())).verify(await local.sign(app))).kind, "service");
  });

  it("serves the listed tenants of one issuer, each with its own iss and tid", async () => {
    for (const word of ["{tenantid}", "organizations"]) {
      const verifier = await verifierOf(
        `{ preset: entra-id-v2, issuer: "${local.origin}/${word}/v2.0", tenants: ["${tenant}", "${other.toUpperCase()}"], audiences: [66666666-7777-8888-9999-000000000000] }`,
      );
      const third = "ccccdddd-2222-eeee-3333-ffff4444aaaa";
      const one = await check(verifier, claims(tenant), [
        [{ tid: other }, /^token-issuer-unknown/],
        [{ tid: undefined }, /^token-issuer-unknown/],
        [{ iss: `${local.origin}/${third}/v2.0`, tid: third }, /^token-issuer-unknown/],
        [{ iss: `${local.origin}/{tenantid}/v2.0` }, /^token-issuer-unknown/],
        [{ iss: `${local.origin}/organizations/v2.0` }, /^token-issuer-unknown/],
      ]);
      const two = principalOf(await verifier.verify(await local.sign(claims(other))));
      assert.deepEqual([one.tenant, two.tenant], [tenant, other]);
      assert.notEqual(one.id, two.id);
    }
  });

  it("takes an address from one tenant of several only where Entra ID vouches for its domain", async () => {
    const emailBy = async (issuerPath: string, more: object): Promise<string | undefined> => {
      const settings = `{ preset: entra-id-v2, issuer: "${local.origin}/${issuerPath}/v2.0", tenants: ["${tenant}"], audiences: [66666666-7777-8888-9999-000000000000] }`;
      const said = { ...claims(tenant), email: "boss@victim.example", ...more };
      return principalOf(await (await verifierOf(settings)).verify(await local.sign(said))).email;
    };
    const email = "boss@victim.example";
    for (const [path, edov, expected] of [
      [tenant, undefined, email],
      [tenant, "0", undefined],
      ["{tenantid}", undefined, undefined],
      ["{tenantid}", false, undefined],
      ["{tenantid}", true, email],
      ["{tenantid}", "1", email],
    ] as const) {
      assert.equal(await emailBy(path, { xms_edov: edov }), expected, `${path} ${String(edov)}`);
    }
  });

  it("lets a key of the common set sign for its own tenant alone", async () => {
    const settings = `{ preset: entra-id-v2, issuer: "${local.origin}/{tenantid}/v2.0", tenants: ["${tenant}", "${other}"], audiences: [66666666-7777-8888-9999-000000000000] }`;
    try {
      local.keyFields = { issuer: `${local.origin}/${other}/v2.0` };
      const verifier = await verifierOf(settings);
      assert.match(whyNot(await verifier.verify(await local.sign(claims(tenant)))), /^token-key-unknown/);
      assert.equal(whyNot(await verifier.verify(await local.sign(claims(other)))), "accepted");
      local.keyFields = { issuer: `${local.origin}/{tenantid}/v2.0` };
      const all = await verifierOf(settings);
      assert.equal(whyNot(await all.verify(await local.sign(claims(tenant)))), "accepted");
    } finally {
      local.keyFields = {};
    }
  });

  it("needs a list of tenants where the issuer serves all, and their ids", async () => {
    const rest = "audiences: [x]";
    for (const word of ["common", "organizations", "consumers", "{tenantid}"]) {
      const issuer = `https://login.microsoftonline.com/${word}/v2.0`;
      assert.deepEqual(await codesOf(`{ preset: entra-id-v2, issuer: "${issuer}", ${rest} }`), [
        "provider-multi-tenant",
      ]);
    }
    assert.deepEqual(await codesOf(`{ preset: entra-id-v2, ${rest} }`), ["provider-multi-tenant"]);
    assert.deepEqual(await codesOf(`{ preset: entra-id-v2, tenants: [contoso.onmicrosoft.com], ${rest} }`), [
      "value-invalid",
    ]);
    assert.deepEqual(await codesOf(`{ preset: entra-id-v2, tenants: [${tenant}], ${rest} }`), []);
    // Whose ids are unique over all tenants is known of Entra alone.
    const any = `issuer: "https://id.example.com/{tenantid}", tenants: [${tenant}]`;
    assert.deepEqual(await codesOf(`{ ${any}, ${rest} }`), ["value-invalid"]);
  });

  it("lets people log in at one tenant, or at what several have in common", async () => {
    const login = `preset: entra-id-v2, clientId: app, clientSecret: { env: SECRET }, login: true, audiences: [x]`;
    const load = (tenants: string): ReturnType<typeof loadText> =>
      loadText(`version: 1\nidentity: { providers: { corp: { ${login}, tenants: [${tenants}] } } }`, {
        variables: { SECRET: "a-secret-of-some-length" },
      });
    const one = await load(tenant);
    assert.deepEqual(one.diagnostics, []);
    const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
    assert.equal(one.definition?.login?.providers[0]?.issuer, issuer);
    const [both] = (await load(`${tenant}, ${other}`)).definition?.login?.providers ?? [];
    assert.deepEqual([both?.issuer, both?.tenants], [issuer.replace(tenant, "{tenantid}"), [tenant, other]]);
  });

  it("lets people log in as two clients of one issuer, and not as one twice", async () => {
    const load = async (...clients: readonly string[]): Promise<readonly string[]> => {
      const providers = clients.map(
        (client, at) =>
          `p${at}: { issuer: "https://id.example.com", clientId: ${client}, clientSecret: { env: SECRET }, login: true, audiences: [x${at}] }`,
      );
      const text = `version: 1\nidentity: { providers: { ${providers.join(", ")} } }`;
      return (await loadText(text, { variables: { SECRET: "a-secret-of-some-length" } })).diagnostics.map(
        ({ code }) => code,
      );
    };
    assert.ok(!(await load("one", "two")).includes("login-ambiguous"));
    assert.ok((await load("one", "one")).includes("login-ambiguous"));
  });

  it("says that groups were left out, and follows no address of a token", async () => {
    const log = new KeptLog();
    const verifier = await verifierOf(provider(), log);
    for (const overage of [
      { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint: `${local.origin}/graph` } } },
      { hasgroups: true },
    ]) {
      const principal = principalOf(await verifier.verify(await local.sign({ ...claims(tenant), ...overage })));
      assert.deepEqual([principal.groups, principal.groupsLeftOut], [[], true]);
    }
    assert.equal(log.lines.filter(({ message }) => message.includes("groups")).length, 1);
  });
});

it("Microsoft Entra ID, version 1.0: appid, upn, and a slash at the issuer's end", async () => {
  const issuer = `${local.origin}/${tenant}/`;
  local.publish(`/${tenant}`, issuer);
  const verifier = await verifierOf(`{ preset: entra-id-v1, issuer: "${issuer}", audiences: ["api://orders"] }`);
  const good = {
    aud: "api://orders",
    iss: issuer,
    acr: "1",
    amr: ["pwd", "mfa"],
    appid: "11112222-bbbb-3333-cccc-4444dddd5555",
    appidacr: "0",
    ipaddr: "203.0.113.5",
    oid: "00aa00aa-bb11-cc22-dd33-44ee44ee44ee",
    scp: "user_impersonation",
    sub: "pairwise",
    tid: tenant,
    unique_name: "ann@contoso.example",
    upn: "ann@contoso.example",
    uti: "u-1",
    ver: "1.0",
  };
  const { kind, subject, email, clientId, tokenId, scopes } = await check(verifier, good, [
    [{ ver: "2.0" }, /^token-type-not-allowed: ver/],
    [{ appid: undefined }, /^token-claim-missing: appid/],
    [{ tid: other }, /is not the issuer's/],
  ]);
  assert.deepEqual(
    [kind, subject, email, clientId, tokenId, scopes],
    ["user", good.oid, "ann@contoso.example", good.appid, "u-1", ["user_impersonation"]],
  );
});

describe("Okta", () => {
  const good = (): Claims => ({
    ver: 1,
    jti: "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
    iss: `${local.origin}/oauth2/default`,
    aud: "api://default",
    sub: "ann@example.com",
    cid: "nmdP1fcyvdVO11AL7ECm",
    uid: "00ujmkLgagxeRrAg20g3",
    scp: ["openid", "orders.read"],
    groups: ["Everyone", "engineering"],
  });
  const provider = (): string =>
    `{ preset: okta, issuer: "${local.origin}/oauth2/default", audiences: ["api://default"] }`;

  before(() => local.publish("/oauth2/default"));

  it("makes a person of uid, scopes of a list, and a client of cid", async () => {
    const principal = await check(await verifierOf(provider()), good(), [
      [{ scp: "openid orders.read" }, /^token-claim-not-allowed: scp is not a list/],
      [{ ver: "1" }, /^token-type-not-allowed: ver/],
      [{ jti: "ID.0mP4" }, /^token-type-not-allowed: jti/],
      [{ cid: undefined }, /^token-claim-missing: cid/],
    ]);
    const { subject, clientId, scopes, groups, kind } = principal;
    assert.deepEqual(
      [subject, clientId, scopes, groups, kind],
      ["00ujmkLgagxeRrAg20g3", "nmdP1fcyvdVO11AL7ECm", ["openid", "orders.read"], ["Everyone", "engineering"], "user"],
    );
    const app = { ...good(), uid: undefined, sub: "nmdP1fcyvdVO11AL7ECm" };
    assert.equal(principalOf(await (await verifierOf(provider())).verify(await local.sign(app))).kind, "service");
  });

  it("refuses tokens of the org server by name, and such an issuer at load", async () => {
    const verifier = await verifierOf(provider());
    const token = await local.sign({ ...good(), iss: local.origin, aud: local.origin });
    assert.match(
      whyNot(await verifier.verify(token)),
      /^token-type-not-allowed: a token of Okta's org authorization server/,
    );
    assert.deepEqual(await codesOf(`{ preset: okta, issuer: "https://example.okta.com", audiences: [a] }`), [
      "provider-org-server",
    ]);
  });
});

it("Auth0: permissions are roles, and clients have @clients", async () => {
  const issuer = `${local.origin}/`;
  local.publish("", issuer);
  const verifier = await verifierOf(`{ preset: auth0, issuer: "${issuer}", audiences: ["https://api.example.com"] }`);
  const good = {
    iss: issuer,
    sub: "auth0|507f1f77bcf86cd799439011",
    aud: ["https://api.example.com", `${issuer}userinfo`],
    azp: "my_client_id",
    scope: "openid orders:read",
    org_id: "org_9ybsU1dN2dKfDkBi",
    permissions: ["orders:read"],
  };
  const principal = await check(verifier, good, [[{ at_hash: "x" }, /^token-type-not-allowed: an ID token/]]);
  const { kind, roles, scopes, tenant: organisation } = principal;
  assert.deepEqual(
    [kind, roles, scopes, organisation],
    ["user", ["orders:read"], ["openid", "orders:read"], "org_9ybsU1dN2dKfDkBi"],
  );
  const app = { ...good, sub: "my_client_id@clients", gty: "client-credentials" };
  assert.equal(principalOf(await verifier.verify(await local.sign(app))).kind, "service");
});

it("Keycloak: realm roles, typ Bearer, and what the definition says instead", async () => {
  local.publish("/realms/corp");
  const settings = `preset: keycloak, issuer: "${local.origin}/realms/corp", audiences: [orders]`;
  const good = {
    jti: "onrtac:1e5d6bb5",
    iss: `${local.origin}/realms/corp`,
    aud: ["orders", "account"],
    sub: "f1cd0c4c-7c1b-4a3c-8a0d-bd1a3f9e1d2c",
    typ: "Bearer",
    azp: "console",
    sid: "9d4ad2d8",
    acr: "1",
    realm_access: { roles: ["orders-reader"] },
    resource_access: { orders: { roles: ["writer"] } },
    scope: "email profile",
    email_verified: true,
    name: "Ann Example",
    groups: ["/engineering"],
    preferred_username: "ann",
    email: "ann@example.com",
  };
  const { roles, groups, clientId, sessionId, email, kind } = await check(await verifierOf(`{ ${settings} }`), good, [
    [{ typ: "ID" }, /^token-type-not-allowed/],
    [{ typ: "Refresh" }, /^token-type-not-allowed/],
    [{ typ: undefined }, /^token-claim-missing: typ/],
  ]);
  assert.deepEqual(
    [roles, groups, clientId, sessionId, email, kind],
    [["orders-reader"], ["/engineering"], "console", "9d4ad2d8", "ann@example.com", "user"],
  );
  const own = await verifierOf(`{ ${settings}, claims: { roles: resource_access.orders.roles } }`);
  const account = { ...good, azp: "jobs", preferred_username: "service-account-jobs" };
  const principal = principalOf(await own.verify(await local.sign(account)));
  assert.deepEqual([principal.roles, principal.groups, principal.kind], [["writer"], ["/engineering"], "service"]);
});

it("Google: ID tokens, of people and of service accounts", async () => {
  local.publish("/google");
  const settings = `preset: google, issuer: "${local.origin}/google", audiences: ["https://api.example.com"]`;
  const person = {
    iss: `${local.origin}/google`,
    azp: "1234987819200.apps.googleusercontent.com",
    aud: "https://api.example.com",
    sub: "10769150350006150715113082367",
    at_hash: "HK6E_P6Dh8Y93mRNtsDB1Q",
    hd: "example.com",
    email: "ann@example.com",
    email_verified: true,
    nonce: "0394852-3190485-2490358",
  };
  const account = {
    ...person,
    hd: undefined,
    azp: "117210911438042142342",
    sub: "117210911438042142342",
    email: "jobs@project.iam.gserviceaccount.com",
  };
  const verifier = await verifierOf(`{ ${settings} }`);
  const { kind, tenant: domain, email } = principalOf(await verifier.verify(await local.sign(person)));
  assert.deepEqual([kind, domain, email], ["user", "example.com", "ann@example.com"]);
  assert.equal(principalOf(await verifier.verify(await local.sign(account))).kind, "service");
  const listed = await verifierOf(`{ ${settings}, tenants: [example.com] }`);
  await check(listed, person, [
    [{ hd: "evil.example" }, /^token-claim-not-allowed: tenant "evil.example" is not listed/],
    [{ hd: undefined }, /^token-claim-not-allowed: tenant .* is not listed/],
  ]);
});

it("GitHub Actions: a workflow is a service of listed owners, and of nobody else", async () => {
  local.publish("/github");
  const settings = `preset: github-actions, issuer: "${local.origin}/github", audiences: ["https://api.example.com"]`;
  assert.deepEqual(await codesOf("{ preset: github-actions, audiences: [a] }"), ["provider-multi-tenant"]);
  const verifier = await verifierOf(`{ ${settings}, tenants: [octo-org] }`);
  const good = {
    jti: "example-id",
    sub: "repo:octo-org/octo-repo:environment:prod",
    environment: "prod",
    aud: "https://api.example.com",
    ref: "refs/heads/main",
    sha: "example-sha",
    repository: "octo-org/octo-repo",
    repository_owner: "octo-org",
    actor_id: "12",
    repository_id: "74",
    repository_owner_id: "65",
    run_id: "example-run-id",
    run_number: "10",
    run_attempt: "2",
    runner_environment: "github-hosted",
    actor: "octocat",
    workflow: "deploy",
    head_ref: "",
    base_ref: "",
    event_name: "workflow_dispatch",
    ref_type: "branch",
    job_workflow_ref: "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
    iss: `${local.origin}/github`,
  };
  const principal = await check(verifier, good, [
    [{ repository_owner: "evil" }, /^token-claim-not-allowed: tenant "evil" is not listed/],
    [{ repository: undefined }, /^token-claim-missing: repository/],
  ]);
  const { kind, groups, roles, tenant: owner, displayName, claims } = principal;
  assert.deepEqual(
    [kind, groups, roles, owner, displayName, claims["ref"]],
    ["service", ["octo-org/octo-repo"], ["prod"], "octo-org", "deploy", "refs/heads/main"],
  );
});

it("Kubernetes: a service account by name and namespace", async () => {
  local.publish("/cluster");
  const verifier = await verifierOf(
    `{ preset: kubernetes, issuer: "${local.origin}/cluster", audiences: [orders], tenants: [jobs] }`,
  );
  const good = {
    aud: ["orders"],
    iss: `${local.origin}/cluster`,
    jti: "aed34954-b33a-4142-b1ec-389d6bbb4936",
    "kubernetes.io": {
      namespace: "jobs",
      node: { name: "my-node", uid: "646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1" },
      pod: { name: "my-pod", uid: "5e0bd49b-f040-43b0-99b7-22765a53f7f3" },
      serviceaccount: { name: "builder", uid: "14ee3fa4-a7e2-420f-9f9a-dbc4507c3798" },
      warnafter: 1_700_000_000,
    },
    sub: "system:serviceaccount:jobs:builder",
  };
  // The API server writes no typ.
  const signed = await local.sign(good, { typ: undefined });
  const { kind, groups, displayName, tokenId, subject } = principalOf(await verifier.verify(signed));
  assert.deepEqual(
    [kind, groups, displayName, tokenId, subject],
    ["service", ["jobs"], "builder", good.jti, "system:serviceaccount:jobs:builder"],
  );
  await check(verifier, good, [
    [{ sub: "system:node:a" }, /^token-type-not-allowed: sub/],
    [{ "kubernetes.io": undefined }, /^token-claim-missing: kubernetes.io/],
    [{ "kubernetes.io": { namespace: "other" } }, /tenant "other" is not listed/],
    // Tokens of a cluster's old secrets never end.
    [{ exp: undefined }, /^token-claim-missing: exp/],
  ]);
});

it("a cluster's issuer on HTTPS is believed by the cluster's own CA, and not without it", async () => {
  const random = { bytes: (count: number) => randomBytes(count) };
  const validity = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 3_600_000 };
  const root = await makeAuthority("cluster", validity, null, random);
  const leaf = await makeLeaf(["127.0.0.1"], validity, root, random);
  const tls = { cert: leaf.certificate.toString("pem"), key: await exportKey(leaf.keys) };
  const cluster = await LocalIssuer.start(tls);
  try {
    const issuer = cluster.publish("/cluster");
    const settings = `preset: kubernetes, issuer: "${issuer}", audiences: [orders]`;
    const token = await cluster.sign({
      iss: issuer,
      aud: "orders",
      sub: "system:serviceaccount:jobs:builder",
      "kubernetes.io": { namespace: "jobs", serviceaccount: { name: "builder" } },
    });
    const trusting = await verifierOf(`{ ${settings}, ca: ca.crt }`, new KeptLog(), {
      "ca.crt": root.certificate.toString("pem"),
    });
    assert.equal(principalOf(await trusting.verify(token)).tenant, "jobs");
    const strange = await verifierOf(`{ ${settings} }`);
    assert.match(whyNot(await strange.verify(token)), /^provider-unavailable/);
  } finally {
    await cluster[Symbol.asyncDispose]();
  }
});
