import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AccessRule, Api, Definition, Operation, Provider } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { accessPolicies } from "#interop/apim/export/access.ts";
import { ExportReport } from "#interop/apim/export/export-report.ts";
import { linkAccess } from "#policy/access.ts";
import { asUser, exchangeFor, fixedClock, plan, type PlainRule } from "#policy/policy.test-helper.ts";
import { evaluateExpression } from "#policy/values.ts";

const definition = {
  providers: [
    {
      name: "corp",
      issuer: "https://idp.example",
      audiences: ["api"],
      clockSkewMs: 0,
      claims: { groups: "groups", roles: "roles", name: "name", email: "email", tenant: "tid" },
    },
  ],
} as unknown as Definition;

const at = { file: "sallyport.yaml", line: 1, column: 1 };

function policiesFor(
  rules: readonly AccessRule[],
  providers: readonly Provider[] = definition.providers,
): {
  readonly nodes: readonly PolicyNode[];
  readonly report: ExportReport;
} {
  const report = new ExportReport();
  const api = { name: "a", access: { kind: "rules", rules }, clientCertificate: false, at } as unknown as Api;
  const operation = { name: "o", access: { kind: "unsaid" }, clientCertificate: null, at } as unknown as Operation;
  return { nodes: accessPolicies(api, operation, { ...definition, providers }, report).nodes, report };
}

/** What the last of the policies, which judges, gives for a request. */
function refuses(nodes: readonly PolicyNode[], exchange: Exchange): boolean {
  const when = nodes.at(-1)?.args["when"];
  const [first] = when?.kind === "list" ? when.items : [];
  const condition = first?.kind === "map" ? first.entries["condition"] : undefined;
  assert.equal(condition?.kind, "expression");
  return evaluateExpression(condition.expression, fixedClock)(exchange) === true;
}

function callers(): readonly Exchange[] {
  const staff = { iss: "https://idp.example", sub: "s", groups: ["staff"], email: "s@b.example" };
  const other = {
    iss: "https://idp.example",
    sub: "o",
    groups: ["guests"],
    email: "o@b.example",
    email_verified: false,
  };
  return [staff, other].flatMap((claims) =>
    [[], ["X-A", "1"], ["X-A", "2", "X-B", "1"]].map((headers) => {
      const exchange = exchangeFor(headers);
      exchange.setVariable("sallyport-caller", claims as never);
      const email = claims === other ? {} : { email: claims.email };
      return asUser(exchange, { claims, issuer: claims.iss, subject: claims.sub, groups: claims.groups, ...email });
    }),
  );
}

const table: readonly (readonly PlainRule[])[] = [
  [["allow", '"staff" in principal.groups']],
  [
    ["allow", 'request.headers["x-a"] == "1"'],
    ["allow", '"staff" in principal.groups'],
  ],
  [
    ["allow", '"staff" in principal.groups'],
    ["deny", 'request.headers["x-a"] == "2"'],
  ],
  [["deny", 'request.headers["x-b"] == "1" && request.headers["x-a"] == "2"']],
  [
    ["deny", 'request.method == "POST"'],
    ["deny", '"guests" in principal.groups && "x-a" in request.headers'],
  ],
  [["allow", 'principal.email.endsWith("@b.example")']],
  [["allow", 'principal.claims.missing == "x" || request.headers["x-a"] == "1"']],
  [["allow", 'principal.subject == "s" && principal.issuer == "https://idp.example"']],
];

describe("access rules as policies", () => {
  for (const rules of table) {
    it(rules.map(([effect, source]) => `${effect} ${source}`).join(", "), () => {
      const access = plan(...rules);
      const { nodes, report } = policiesFor(access.rules);
      assert.deepEqual(report.impossible, []);
      const { decide } = linkAccess(access, fixedClock);
      for (const exchange of callers()) assert.equal(refuses(nodes, exchange), decide(exchange) !== undefined);
    });
  }

  it("look for a token first where they ask who calls, and only there", () => {
    const names = (rule: PlainRule): readonly string[] => policiesFor(plan(rule).rules).nodes.map(({ name }) => name);
    assert.deepEqual(names(["allow", 'request.method == "GET"']), ["choose"]);
    assert.deepEqual(names(["allow", '"a" in principal.groups']), ["validate-jwt", "set-variable", "choose"]);
  });

  it("go without who it is where the token has no claim of its own for it", () => {
    const [corp] = definition.providers;
    const nested = { ...corp, claims: { ...corp?.claims, tenant: "kubernetes.io.namespace" } } as Provider;
    const { nodes } = policiesFor(plan(["allow", '"a" in principal.groups']).rules, [nested]);
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ["validate-jwt", "choose"],
    );
    const { report } = policiesFor(plan(["allow", 'principal.id == "a"']).rules, [nested]);
    assert.match(report.impossible[0]?.message ?? "", /the claim kubernetes.io.namespace lies within another one/);
    const nobody = policiesFor(plan(["allow", '"a" in principal.groups']).rules, []).report;
    assert.match(nobody.impossible[0]?.message ?? "", /no provider of the definition has tokens/);
  });

  it("cannot be where a rule asks for what is not known there", () => {
    const { nodes, report } = policiesFor(plan(["allow", '"break-glass" in principal.approvals']).rules);
    assert.deepEqual(nodes, []);
    assert.match(report.impossible[0]?.message ?? "", /principal.approvals has no counterpart/);
  });
});
