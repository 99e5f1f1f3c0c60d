import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const lowest = 10_000;
const given = new Set<number>();

/**
 * Ports that are free, for programs that cannot choose one themselves. Of those that the system gives to nobody by
 * itself: one of the others could be a client's, of any test that runs at the same time, before the program has it.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(lowest, firstOfSystem());
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

/** Where the ports begin that connections are given; Linux says so, elsewhere it is 49152 by RFC 6335 §6. */
function firstOfSystem(): number {
  try {
    const [first = ""] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s/);
    return Math.max(Number(first), lowest + 5000);
  } catch {
    return 49_152;
  }
}

/** For connections and for datagrams: name servers take both. */
async function isFree(port: number): Promise<boolean> {
  const [server, socket] = [createServer(), createSocket("udp4")];
  try {
    server.listen(port, "127.0.0.1");
    socket.bind(port, "127.0.0.1");
    await Promise.all([once(server, "listening"), once(socket, "listening")]);
    return true;
  } catch {
    return false;
  } finally {
    if (server.listening) await once(server.close(), "close");
    socket.close();
  }
}
