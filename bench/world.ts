import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Options } from "./options.ts";
import type { Site } from "./peers.ts";
import { type Callers, startCallers } from "./sallyport.ts";
import { freePort, makeSite, startUpstream } from "./site.ts";

/** What all cases of a run share. */
export interface World {
  readonly site: Site;
  readonly upstream: string;
  readonly callers: Callers;
  readonly options: Options;
  /** Aborted when the run is to end early. */
  readonly signal: AbortSignal;
  say(line: string): void;
}

/** A folder, an upstream and an issuer of tokens; with `undo` they end and go. */
export async function openWorld(
  options: Options,
  signal: AbortSignal,
  undo: AsyncDisposableStack,
  say: (line: string) => void,
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  // nginx drops its rights, and reads the file with what is left.
  chmodSync(folder, 0o755);
  const upstreamPort = await freePort();
  const upstream = await startUpstream(folder, upstreamPort);
  undo.defer(() => upstream.stop());
  const callers = await startCallers(undo);
  return { site: makeSite(folder, upstreamPort), upstream: upstream.name, callers, options, signal, say };
}
