import { GatewayError } from "#model/errors.ts";
import type { Argument, PolicyNode, Scope, Section } from "#model/policy-tree.ts";
import type { Chain, ScopedPolicy } from "#model/snapshot.ts";
import { type BodyReads, readsOfPolicy } from "#notation/policies/body-reads.ts";
import type { BodyRoom } from "./body-room.ts";
import type { LinkContext, LinkedStep, PolicyPorts, Run, StepPlace } from "./context.ts";
import { compileCors, type CorsRules } from "./cors-rules.ts";
import { gather } from "./gather.ts";
import { linkWithinScope } from "./observer.ts";
import { registry } from "./registry.ts";

/** One chain, ready to run: a section is run by `runSection`. */
export interface LinkedChain {
  readonly inbound: readonly LinkedStep[];
  readonly backend: readonly LinkedStep[];
  readonly outbound: readonly LinkedStep[];
  /** What is left of outbound for a response of the cache; all of it where no cache-store stands. */
  readonly afterCacheStore: readonly LinkedStep[];
  readonly onError: readonly LinkedStep[];
  /** The cors policies that stand directly in inbound; what preflights are answered by. */
  readonly cors: readonly CorsRules[];
}

/** @throws GatewayError `definition-invalid` for a tree that was not checked against the catalogue */
export function linkChain(chain: Chain, ports: PolicyPorts): LinkedChain {
  const outbound = linkSection(chain.outbound, "outbound", ports);
  return {
    inbound: linkSection(chain.inbound, "inbound", ports),
    backend: linkSection(chain.backend, "backend", ports),
    outbound,
    afterCacheStore: outbound.slice(1 + chain.outbound.findIndex(({ node }) => holds(node, "cache-store"))),
    onError: linkSection(chain.onError, "on-error", ports),
    cors: chain.inbound.filter(({ node }) => node.name === "cors").map(({ node }) => compileCors(node, ports.clock)),
  };
}

/** One policy by itself, ready to run. */
export function linkSingle(
  node: PolicyNode,
  scope: Scope,
  section: Section,
  ports: PolicyPorts,
  path: string = node.name,
): LinkedStep {
  return linkStep(node, { scope, section, ports }, path);
}

/** Whether the policy is of that name, or has one inside. */
function holds(node: PolicyNode, name: string): boolean {
  return node.name === name || Object.values(node.args).some((argument) => argumentHolds(argument, name));
}

function argumentHolds(argument: Argument, name: string): boolean {
  if (argument.kind === "policies") return argument.policies.some((node) => holds(node, name));
  if (argument.kind === "list") return argument.items.some((item) => argumentHolds(item, name));
  return argument.kind === "map" && Object.values(argument.entries).some((entry) => argumentHolds(entry, name));
}

function linkSection(policies: readonly ScopedPolicy[], section: Section, ports: PolicyPorts): readonly LinkedStep[] {
  const paths = new Map<PolicyNode, string>();
  // Each scope has its document, and a policy is found in that.
  for (const scope of new Set(policies.map((policy) => policy.scope))) {
    const nodes = policies.filter((policy) => policy.scope === scope).map(({ node }) => node);
    for (const [at, path] of pathsOf(nodes).entries()) paths.set(nodes[at] as PolicyNode, path);
  }
  return policies.map(({ node, scope }) => linkSingle(node, scope, section, ports, paths.get(node)));
}

type Surroundings = Omit<LinkContext, "link">;

function contextFor(around: Surroundings, path: string): LinkContext {
  const link: LinkContext["link"] = (nodes, below) => {
    const prefix = below === undefined ? path : `${path}/${below}`;
    return pathsOf(nodes).map((own, at) => linkStep(nodes[at] as PolicyNode, around, `${prefix}/${own}`));
  };
  return { ...around, link };
}

/** Their names, with a number where one is not the only of its name. */
function pathsOf(nodes: readonly PolicyNode[]): readonly string[] {
  const counted = new Map<string, number>();
  for (const { name } of nodes) counted.set(name, (counted.get(name) ?? 0) + 1);
  const met = new Map<string, number>();
  return nodes.map(({ name }) => {
    const at = (met.get(name) ?? 0) + 1;
    met.set(name, at);
    return counted.get(name) === 1 ? name : `${name}[${at}]`;
  });
}

/** Bodies are in memory before a policy runs that reads them. One that reads none is left as it is. */
function withBodies(run: Run, needs: BodyReads, room: BodyRoom): Run {
  if (!needs.request && !needs.response) return run;
  return (exchange, signal) => {
    const gathering = gather(exchange, needs, room);
    return gathering === undefined ? run(exchange, signal) : gathering.then(() => run(exchange, signal));
  };
}

/** Their own outcomes are noted too: the runner tells them from those of policies inside. */
const nesting: ReadonlySet<string> = new Set(["cache-value", "choose", "limit-concurrency", "retry", "wait"]);

function linkStep(node: PolicyNode, around: Surroundings, path: string): LinkedStep {
  const link = registry.get(node.name);
  // Never skipped: a policy that silently does not run is how protection gets lost.
  if (link === undefined) throw new GatewayError("definition-invalid", 500, `there is no policy ${node.name}`);
  const place: StepPlace = {
    name: node.name,
    id: node.id,
    scope: around.scope,
    section: around.section,
    at: `${node.at.file}:${node.at.line}`,
    path,
    nests: nesting.has(node.name),
  };
  const linked = (): Run =>
    withBodies(link(node, contextFor(around, path)), readsOfPolicy(node, around.section), around.ports.bodies);
  return { ...place, run: linkWithinScope(place, around.ports, linked) };
}
