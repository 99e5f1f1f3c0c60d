import type { ListenAddress, ListenPlace } from "#model/definition.ts";
import { SharedSocket } from "./shared-socket.ts";
import type { ControlDefinition, ControlSnapshot } from "./definition/read-result.ts";
import { probePort } from "./probe-ports.ts";

export interface Bound {
  readonly https: readonly ListenPlace[];
  readonly http: readonly ListenPlace[];
  /** One, or none. */
  readonly admin: readonly ListenAddress[];
}

/** Where this gateway listens: ports that were probed, sockets that are held. They are what they are until it ends. */
export class Listeners {
  readonly bound: Bound;
  readonly #sockets: ReadonlyMap<string, SharedSocket>;

  private constructor(bound: Bound, sockets: ReadonlyMap<string, SharedSocket>) {
    this.bound = bound;
    this.#sockets = sockets;
  }

  /** @throws GatewayError `port-in-use` */
  static async open({ edge }: ControlSnapshot, { admin: { remote } }: ControlDefinition): Promise<Listeners> {
    const sockets = new Map<string, SharedSocket>();
    const take = async (place: ListenPlace): Promise<ListenPlace> => {
      if (!("path" in place)) return probePort(place);
      sockets.set(place.path, await SharedSocket.open(place));
      return place;
    };
    try {
      const https = edge.tls === "off" ? [] : await inTurn(edge.https, take);
      const http = await inTurn(edge.http, take);
      const admin = remote === null ? [] : [await probePort(remote.listen)];
      return new Listeners({ https, http, admin }, sockets);
    } catch (error) {
      for (const socket of sockets.values()) socket.close();
      throw error;
    }
  }

  /** Paths of the sockets. */
  get paths(): readonly string[] {
    return [...this.#sockets.keys()];
  }

  /** The same for one worker, which closes the descriptors that it gets. */
  forWorker(): Bound {
    const share = (place: ListenPlace): ListenPlace =>
      "path" in place ? (this.#sockets.get(place.path) as SharedSocket).share() : place;
    return { ...this.bound, https: this.bound.https.map(share), http: this.bound.http.map(share) };
  }

  /** The sockets are still ours. @throws GatewayError `port-in-use` */
  check(): void {
    for (const socket of this.#sockets.values()) socket.check();
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
  }
}

async function inTurn<T>(items: readonly T[], take: (item: T) => Promise<T>): Promise<readonly T[]> {
  const taken: T[] = [];
  for (const item of items) taken.push(await take(item));
  return taken;
}
