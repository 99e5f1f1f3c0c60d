import { type BigIntStats, chmodSync, existsSync, lstatSync } from "node:fs";
import { BoundSocket, createServer } from "node:net";
import { dirname } from "node:path";
import type { ListenSocket } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import { placeText } from "#model/listen-place.ts";
import { type DuplicateDescriptor, findDuplicate } from "./duplicate-descriptor.ts";
import { freeSocketPath } from "./free-socket-path.ts";

/**
 * A Unix socket that main holds and that all workers accept from. There is no `SO_REUSEPORT` for it: each worker has a
 * descriptor of its own of the one socket, so that the system's waiting line is shared, an idle worker takes the next
 * connection, and one that dies takes no connection along that it has not accepted.
 */
export class SharedSocket {
  readonly #place: ListenSocket;
  readonly #bound: BoundSocket;
  readonly #duplicate: DuplicateDescriptor;
  readonly #file: BigIntStats;

  private constructor(place: ListenSocket, bound: BoundSocket, duplicate: DuplicateDescriptor) {
    this.#place = place;
    this.#bound = bound;
    this.#duplicate = duplicate;
    this.#file = lstatSync(place.path, { bigint: true });
  }

  /** Binds and listens; the first worker accepts what has come by then. @throws GatewayError `port-in-use` */
  static async open(place: ListenSocket): Promise<SharedSocket> {
    const duplicate = "isPipe" in BoundSocket.prototype ? findDuplicate() : null;
    if (duplicate === null || process.platform === "win32") {
      throw unusable(
        place,
        "this Node cannot share a Unix socket between workers; use the pinned one, on Linux or macOS",
      );
    }
    const obstacle = await freeSocketPath(place.path);
    if (obstacle !== null) throw unusable(place, obstacle);
    const bound = bindAt(place);
    // Nobody can connect before `listen`: there is no moment at which the wrong ones may.
    chmodSync(place.path, place.mode);
    listenThrough(duplicate(bound.fd()));
    return new SharedSocket(place, bound, duplicate);
  }

  /** For one listener, which closes the descriptor. */
  share(): ListenSocket {
    return { ...this.#place, fd: this.#duplicate(this.#bound.fd()) };
  }

  /**
   * Of several gateways that are started at once on the same dead socket, one may have lost its own to another.
   * @throws GatewayError `port-in-use`
   */
  check(): void {
    if (!this.#isInPlace()) throw unusable(this.#place, "another process has taken its place");
  }

  /** Removes the file first: nobody comes in any more, and the next gateway finds the path free. */
  close(): void {
    // Closing takes away whatever has this name; what is another's stays, and the descriptor ends with the process.
    if (this.#isInPlace()) this.#bound.close();
  }

  #isInPlace(): boolean {
    const found = lstatSync(this.#place.path, { bigint: true, throwIfNoEntry: false });
    return found !== undefined && found.ino === this.#file.ino && found.dev === this.#file.dev;
  }
}

function bindAt(place: ListenSocket): BoundSocket {
  const { path } = place;
  try {
    // The published types lack `path`.
    return new BoundSocket({ path } as ConstructorParameters<typeof BoundSocket>[0]);
  } catch (cause) {
    throw unusable(place, reasonOf(cause as NodeJS.ErrnoException, path), cause);
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException, path: string): string {
  if (code === "EADDRINUSE") return "another process listens there";
  // The runtime says EACCES of a folder that is missing as well.
  if (!existsSync(dirname(path))) return "its folder does not exist";
  return code === "EACCES" || code === "EPERM" ? "its folder may not be written to" : (code ?? message);
}

/** Makes the socket listen by way of a descriptor that is closed before the event loop could accept from it. */
function listenThrough(fd: number): void {
  const server = createServer();
  // What is wrong with it the workers will find as well, and say.
  server.on("error", () => {});
  server.listen({ fd });
  server.close();
}

function unusable(place: ListenSocket, why: string, cause?: unknown): GatewayError {
  return new GatewayError("port-in-use", 500, `cannot listen on ${placeText(place)}: ${why}`, { cause });
}
