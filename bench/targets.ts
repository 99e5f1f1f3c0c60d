import { ownProviders } from "./own-targets.ts";
import { peerProviders } from "./peer-targets.ts";
import { installed } from "./peers.ts";
import type { Target } from "./target.ts";
import type { World } from "./world.ts";

/** Something that is started once and can be asked in several ways. */
export interface Provider {
  /** What must be installed for it: command, and the name that people know. */
  readonly needs: { readonly binary: string; readonly name: string } | null;
  /** Keys of its targets. */
  readonly keys: readonly string[];
  /** @param undo ends what it has started */
  start(world: World, undo: AsyncDisposableStack): Promise<readonly Target[]>;
}

/** Starts what is needed for these targets, and nothing else. What is not installed is told and left out. */
export async function startTargets(
  world: World,
  keys: readonly string[],
  undo: AsyncDisposableStack,
): Promise<readonly Target[]> {
  const wanted = keys.filter((key) => isWanted(key, world.options.only));
  const targets: Target[] = [];
  for (const provider of [...peerProviders, ...ownProviders]) {
    if (!provider.keys.some((key) => wanted.includes(key))) continue;
    world.signal.throwIfAborted();
    const { needs } = provider;
    if (needs === null || installed(needs.binary)) targets.push(...(await provider.start(world, undo)));
    else world.say(`${needs.name} is not installed (no ${needs.binary}): what is held against it is left out`);
  }
  return wanted
    .flatMap((key) => targets.filter((target) => target.key === key))
    .filter((one) => canBeAsked(one, world));
}

/** @param only proxies, or keys; empty: all */
export function isWanted(key: string, only: readonly string[]): boolean {
  return only.length === 0 || only.includes(key) || only.includes(key.split(":")[0] ?? "");
}

function canBeAsked({ key, http2 }: Target, { say }: World): boolean {
  if (!http2 || installed("h2load")) return true;
  say(`${key}: h2load is not installed (nghttp2-client), left out`);
  return false;
}
