import { GatewayError } from "#model/errors.ts";
import type { Argument, PolicyNode, Scope, Section } from "#model/policy-tree.ts";
import type { Chain, ScopedPolicy } from "#model/snapshot.ts";
import { type BodyReads, readsOfPolicy } from "#notation/policies/body-reads.ts";
import type { BodyRoom } from "./body-room.ts";
import type { LinkContext, LinkedStep, PolicyPorts, Run } from "./context.ts";
import { compileCors, type CorsRules } from "./cors-rules.ts";
import { gather } from "./gather.ts";
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

/** One policy outside of any section, ready to run. */
export function linkSingle(node: PolicyNode, scope: Scope, section: Section, ports: PolicyPorts): LinkedStep {
  return linkStep(node, contextFor(scope, section, ports));
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
  return policies.map(({ node, scope }) => linkSingle(node, scope, section, ports));
}

function contextFor(scope: Scope, section: Section, ports: PolicyPorts): LinkContext {
  const context: LinkContext = {
    scope,
    section,
    ports,
    link: (nodes) => nodes.map((node) => linkStep(node, context)),
  };
  return context;
}

/** Bodies are in memory before a policy runs that reads them. One that reads none is left as it is. */
function withBodies(run: Run, needs: BodyReads, room: BodyRoom): Run {
  if (!needs.request && !needs.response) return run;
  return (exchange) => {
    const gathering = gather(exchange, needs, room);
    return gathering === undefined ? run(exchange) : gathering.then(() => run(exchange));
  };
}

function linkStep(node: PolicyNode, context: LinkContext): LinkedStep {
  const link = registry.get(node.name);
  // Never skipped: a policy that silently does not run is how protection gets lost.
  if (link === undefined) throw new GatewayError("definition-invalid", 500, `there is no policy ${node.name}`);
  return {
    name: node.name,
    id: node.id,
    scope: context.scope,
    section: context.section,
    at: `${node.at.file}:${node.at.line}`,
    nests: node.name === "choose",
    run: withBodies(link(node, context), readsOfPolicy(node, context.section), context.ports.bodies),
  };
}
