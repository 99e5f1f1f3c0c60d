import { expandSection, implicitForward, type Layer, layersOf } from "#compile/sections.ts";
import type { Api, Product } from "#model/definition.ts";
import type { Argument, PolicyDocument, PolicyNode } from "#model/policy-tree.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { readsOfPolicy } from "#notation/policies/body-reads.ts";
import type { Problems } from "#notation/problems.ts";
import type { RootInput } from "#config/table/root.ts";

interface Parts {
  readonly apis: readonly Api[];
  readonly products: readonly Product[];
  readonly policies: PolicyDocument;
}

/**
 * An API that other proxies ask about has only policies that decide by the head of the request: a body, a response and
 * a backend are not seen on this way, and a policy that silently does not run is how protection gets lost.
 */
export function checkForwardAuth(root: RootInput, parts: Parts, problems: Problems): void {
  for (const { name, value } of root.apis) {
    if (value.forwardAuth?.value !== true || root.edge.forwardAuth !== undefined) continue;
    const message = `nobody can ask about ${name}: edge.forwardAuth is missing`;
    problems.warn("setting-unused", value.forwardAuth.at, message, "write edge.forwardAuth: { path: …, callers: … }");
  }
  for (const api of parts.apis) if (api.forwardAuth) checkApi(api, parts, problems);
}

function checkApi(api: Api, { products, policies }: Parts, problems: Problems): void {
  const scopes = [null, ...products.filter((product) => product.apis.includes(api.name))];
  const reported = new Set<PolicyNode>();
  for (const operation of api.operations) {
    for (const product of scopes) {
      const layers = layersOf(policies, product?.policies ?? null, api.policies, operation.policies);
      for (const [node, why, fix] of obstacles(layers)) {
        if (reported.has(node)) continue;
        reported.add(node);
        const message = `${node.name} cannot run where another proxy asks about ${api.name}: ${why}`;
        problems.error("forward-auth-policy", node.at, message, fix(api.name));
      }
    }
  }
}

type Obstacle = readonly [PolicyNode, string, (api: string) => string];

function* obstacles(layers: readonly Layer[]): Generator<Obstacle> {
  for (const { node } of expandSection(layers, "inbound")) yield* inboundObstacles(node);
  for (const section of ["backend", "outbound"] as const) {
    const why = section === "backend" ? "it is not this gateway that forwards" : "the response is never seen here";
    for (const { node } of expandSection(layers, section)) {
      if (node !== implicitForward) yield [node, why, withoutBase(section)];
    }
  }
}

function* inboundObstacles(node: PolicyNode): Generator<Obstacle> {
  const allowed = catalogue.get(node.name)?.forwardAuth;
  const why = typeof allowed === "function" ? allowed(node.args) : undefined;
  if (allowed === undefined) yield [node, "it needs more than the head of the request", withoutBase("inbound")];
  else if (why !== undefined) yield [node, why, withoutBase("inbound")];
  else if (readsOfPolicy(node, "inbound").request) yield [node, "it reads the body", withoutBase("inbound")];
  for (const argument of Object.values(node.args)) for (const inner of inside(argument)) yield* inboundObstacles(inner);
}

function inside(argument: Argument): readonly PolicyNode[] {
  if (argument.kind === "policies") return argument.policies;
  if (argument.kind === "list") return argument.items.flatMap(inside);
  return argument.kind === "map" ? Object.values(argument.entries).flatMap(inside) : [];
}

function withoutBase(section: string): (api: string) => string {
  return (api) => `take it out of ${api} (a broader one: leave base out of its ${section}), or drop forwardAuth`;
}
