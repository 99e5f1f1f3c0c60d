import type { Api, Backend, Operation } from "#model/definition.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Chain, ChainChoice } from "#model/snapshot.ts";

const usual: readonly string[] = ["websocket"];
const none: readonly string[] = [];

/** Policies of outbound that write a body: what is spoken after a switch of protocols has none. */
const writesBody: ReadonlySet<string> = new Set(["set-body"]);

/** Protocols that a GET of this operation may switch to: what the definition says, else WebSocket where nothing forbids it. */
export function planUpgrades(
  api: Api,
  operation: Operation,
  choices: readonly ChainChoice[],
  chains: readonly Chain[],
  backend: Backend | undefined,
): readonly string[] {
  const handler = operation.handler ?? api.handler;
  if (handler.kind !== "proxy" || (operation.method !== "GET" && operation.method !== "*")) return none;
  const written = operation.upgrades ?? api.upgrades;
  if (written !== null) return written;
  // HTTP/2 alone has no words for it; a policy may still choose another backend, which the definition then says.
  if (backend?.protocol === "h2" || backend?.protocol === "h2c") return none;
  const isRewritten = choices.some(({ chain }) => chains[chain]?.outbound.some(({ node }) => holds(node)));
  return isRewritten ? none : usual;
}

function holds(node: PolicyNode): boolean {
  if (writesBody.has(node.name)) return true;
  return Object.values(node.args).some(holdsWithin);
}

function holdsWithin(argument: Argument): boolean {
  if (argument.kind === "policies") return argument.policies.some(holds);
  if (argument.kind === "list") return argument.items.some(holdsWithin);
  return argument.kind === "map" && Object.values(argument.entries).some(holdsWithin);
}
