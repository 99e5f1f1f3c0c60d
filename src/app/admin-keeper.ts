import { processUser } from "#lib/process-user.ts";
import { createCallHandler } from "#admin/handler.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type CallHandler, listenOnSocket } from "#admin/server.ts";
import type { InternalCa } from "#edge/internal-ca.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import type { ListenAddress } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock, EventRecorder, Log, Random } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import { refuse, type StepResult } from "#model/decision.ts";
import type { ControlDefinition } from "./definition/read-result.ts";
import { listenRemotely, type RemoteCallers } from "./admin-remote.ts";
import { ownerOf } from "./left-events.ts";
import { adminSocketPath, clearSocketPath } from "./admin-socket.ts";

export interface AdminKeeperOptions {
  readonly dataPath: string;
  readonly caPath: string;
  /** The one that serves the edge; undefined when TLS is off there. */
  readonly internalCa: InternalCa | undefined;
  readonly secrets: SecretFiles;
  readonly definition: ControlDefinition;
  /** Where it is served over TCP, as probed; undefined: nowhere. */
  readonly listen: ListenAddress | undefined;
  readonly callers: RemoteCallers | undefined;
  readonly ports: Omit<AdminPorts, "authenticate">;
  readonly record: (exchange: Exchange) => void;
  readonly events: EventRecorder;
  readonly canRecord: () => boolean;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The admin API's listeners, on main. */
export interface AdminKeeper {
  close(): Promise<void>;
}

/** @throws GatewayError `store-unavailable` when the socket cannot be made, `store-corrupt` when the CA cannot be used */
export async function openAdmin(options: AdminKeeperOptions): Promise<AdminKeeper> {
  const { definition, dataPath, listen, callers, log } = options;
  const { socket, remote } = definition.admin;
  const authenticate = (exchange: Exchange): StepResult =>
    callers === undefined ? refuse("credentials-missing") : callers.authenticate(exchange);
  const handler = createCallHandler({
    ...options,
    ports: { ...options.ports, authenticate },
    owner: processOwner(),
    hasRole: callers?.hasRole ?? (() => false),
  });
  await using undo = new AsyncDisposableStack();
  if (socket) await openSocket(dataPath, handler, log, undo);
  if (remote !== null && listen !== undefined) {
    const listener = await listenRemotely(remote, { ...options, listen }, handler);
    undo.defer(() => listener.close());
    log.info("the admin API listens", { host: listen.host, port: listen.port });
  }
  const kept = undo.move();
  return { close: () => kept.disposeAsync() };
}

async function openSocket(dataPath: string, handler: CallHandler, log: Log, undo: AsyncDisposableStack): Promise<void> {
  if (process.platform === "win32") {
    log.warn("there are no Unix sockets here: the admin API is served over TCP only, when admin.listen says where");
    return;
  }
  const path = adminSocketPath(dataPath);
  await clearSocketPath(path);
  const listener = await listenOnSocket(
    path,
    { kind: "socket", scheme: "http", hosts: new Set(["localhost"]) },
    handler,
  );
  undo.defer(() => listener.close());
  log.info("the admin API listens", { socket: path });
}

function processOwner(): Principal {
  const { uid, username } = processUser();
  return ownerOf(uid, username);
}
