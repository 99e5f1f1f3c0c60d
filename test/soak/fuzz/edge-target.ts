import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { createEdge } from "#edge/edge.ts";
import { isDropped } from "#edge/header-scan.ts";
import { parseHost } from "#edge/host.ts";
import { normalisePath } from "#edge/normalise-path.ts";
import { allowedTrailers } from "#edge/trailers.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { firstPort } from "#model/listen-place.ts";
import { createClock } from "#threads/clock.ts";
import type { Dice } from "#test/soak/support.ts";
import { httpPieces, requestSeeds } from "./http-seeds.ts";
import { cutsOf, mutate } from "./mutate.ts";
import { type ReferenceMessage, referenceRequests, valuesOf } from "./reference.ts";
import type { Finding, Target } from "./target.ts";

interface Taken {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly authority: string;
  readonly headers: readonly string[];
  body: string;
  trailers: readonly string[];
  whole: boolean;
}

const none: ReadonlySet<string> = new Set();

/** An edge that has one connection at a time, so that what it takes is known to be of that one. */
interface Lane {
  /** What the edge makes of the bytes, sent in these pieces. */
  readonly send: (bytes: Buffer, cuts: readonly number[]) => Promise<readonly Taken[]>;
  /** Errors that it logged since it was asked last. */
  readonly takeErrors: () => readonly string[];
  readonly refused: () => number;
  readonly close: () => Promise<void>;
}

async function openLane(): Promise<Lane> {
  let taken: Taken[] = [];
  let refused = 0;
  let ids = 0;
  const errors: string[] = [];

  const onExchange = (exchange: Exchange): void => {
    const { facts } = exchange;
    const { method, path, query, authority } = facts;
    const headers = Array.from(facts.headers.raw);
    const entry: Taken = { method, path, query, authority, headers, body: "", trailers: [], whole: false };
    taken.push(entry);
    exchange.client.listener = { drained() {}, closed() {} };
    const answer = (trailers: readonly string[] | null): void => {
      entry.whole = true;
      entry.trailers = trailers ?? [];
      exchange.client.head(200, "OK", new HeaderList([]), 2);
      exchange.client.end(Buffer.from("ok"), null);
    };
    if (facts.body === null) return answer(null);
    return facts.body.start({
      data: (chunk) => {
        entry.body += Buffer.from(chunk).toString("latin1");
      },
      end: answer,
      fail: () => exchange.client.abort(),
    });
  };

  const edge = createEdge({
    settings: {
      https: [],
      http: [{ host: "127.0.0.1", port: 0 }],
      tls: "off",
      trustedProxies: [],
      hsts: null,
      clientCertificates: null,
      listenerCertificates: [],
      proxyProtocol: [],
      advertisedPorts: { https: null, http: null },
      allowedHeaderNames: [],
      forwardAuth: null,
      proxySecret: null,
      forwardedHeader: false,
      limits: {
        headerBytes: 16_384,
        headerCount: 100,
        policyBodyBytes: 1024,
        expressionMs: 100,
        bodyBytes: 1 << 20,
        headersTimeoutMs: 20_000,
        bodyIdleTimeoutMs: 20_000,
        idleTimeoutMs: 20_000,
        streamIdleTimeoutMs: 60_000,
        connections: 1000,
        drainMs: 0,
      },
    },
    certificates: [],
    onExchange,
    onRefused: () => void (refused += 1),
    clock: createClock(),
    newId: () => `id-${(ids += 1)}`,
    log: { info() {}, warn() {}, error: (message, fields) => void errors.push(`${message} ${JSON.stringify(fields)}`) },
  });
  const { http } = await edge.listen();
  const port = firstPort(http) ?? 0;

  async function send(bytes: Buffer, cuts: readonly number[]): Promise<readonly Taken[]> {
    taken = [];
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.resume();
    let closed = false;
    const close = new Promise<void>((resolve) => {
      socket.once("close", () => {
        closed = true;
        resolve();
      });
    });
    await Promise.race([once(socket, "connect").catch(() => {}), close]);
    const edges = [0, ...cuts, bytes.length];
    for (let at = 1; at < edges.length && !closed; at += 1) {
      socket.write(bytes.subarray(edges[at - 1], edges[at]));
      if (at < edges.length - 1) await turn();
    }
    socket.end();
    await close;
    // What the edge still has of the connection must not be taken for the next one's.
    while (edge.stats().connections > 0) await turn();
    return taken;
  }

  return { send, takeErrors: () => errors.splice(0), refused: () => refused, close: () => edge.drain(0) };
}

/** Connections linger a moment after a refusal: several at once keep the time from being spent on waiting. */
const lanes = 24;

/** Bytes of a client: one meaning however they are cut, and never a request that the reference does not read. */
export async function edgeTarget(): Promise<Target> {
  const tally = { taken: 0, refused: 0, "whole requests": 0 };
  const all = await Promise.all(Array.from({ length: lanes }, openLane));
  const free = all.slice();

  const run = async (dice: Dice): Promise<Finding | null> => {
    const lane = free.pop() as Lane;
    try {
      return await runOn(lane, dice);
    } finally {
      free.push(lane);
    }
  };

  const runOn = async (lane: Lane, dice: Dice): Promise<Finding | null> => {
    const input = mutate(requestSeeds, httpPieces, dice);
    const bytes = Buffer.from(input, "latin1");
    const before = lane.refused();
    const atOnce = (await lane.send(bytes, [])).filter(({ whole }) => whole);
    const cut = (await lane.send(bytes, cutsOf(bytes.length, dice))).filter(({ whole }) => whole);
    tally["whole requests"] += atOnce.length;
    if (lane.refused() === before) tally.taken += 1;
    else tally.refused += 1;
    const errors = lane.takeErrors();
    if (errors.length > 0) return { problem: `an error was logged: ${errors.join()}`, input };
    if (!isDeepStrictEqual(atOnce, cut)) {
      return { problem: `cut into pieces it reads differently: ${JSON.stringify({ atOnce, cut })}`, input };
    }
    const reference = referenceRequests(input);
    for (const [at, request] of atOnce.entries()) {
      const expected = reference[at];
      const wrong = expected === undefined ? "there is no such request" : differenceOf(request, expected);
      if (wrong !== null)
        return { problem: `request ${at}: ${wrong}: ${JSON.stringify({ request, expected })}`, input };
    }
    return null;
  };
  return {
    name: "edge",
    lanes,
    run,
    tally,
    close: async () => void (await Promise.all(all.map((lane) => lane.close()))),
  };
}

function differenceOf(read: Taken, expected: ReferenceMessage): string | null {
  const [method = "", target = ""] = expected.line.split(/ +/);
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  const local = absolute === null ? target : (absolute[2] ?? "");
  const mark = local.indexOf("?");
  const rawPath = mark < 0 ? local : local.slice(0, mark);
  const path = rawPath === "" ? "/" : rawPath;
  const hosts = valuesOf(expected.fields, "host");
  const authority = absolute?.[1] ?? hosts[0] ?? "";
  // The authority of an absolute target takes the place of Host, however that was spelt.
  const headers = expected.fields
    .filter(([name]) => !isDropped(name, none))
    .flatMap(([name, value]) =>
      absolute !== null && name.toLowerCase() === "host" ? ["Host", authority] : [name, value],
    );
  if (read.method !== method) return "another method";
  if (hosts.length !== 1 || parseHost(authority) === null) return "the host is not one valid host";
  if (read.authority !== authority) return "another authority";
  if (read.path !== normalisePath(path) || read.path !== normalisePath(read.path)) return "another path";
  if (read.query !== (mark < 0 ? "" : local.slice(mark + 1))) return "another query";
  if (read.body !== expected.body) return "another body";
  if (!isDeepStrictEqual(read.headers, headers)) return "other fields";
  if (!isDeepStrictEqual(read.trailers, allowedTrailers(expected.trailers.flat()) ?? [])) return "other trailers";
  return null;
}
