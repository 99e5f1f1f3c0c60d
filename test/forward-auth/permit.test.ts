import assert from "node:assert/strict";
import { it } from "node:test";
import { compileSnapshot } from "#compile/compile.ts";
import { loadText } from "#config/fixture.test-helper.ts";
import type { ClientStream } from "#model/body.ts";
import { Exchange, type RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { ForwardPort } from "#model/ports.ts";
import { createDispatcher, type DispatcherOptions } from "#pipeline/dispatcher.ts";
import { BodyRoom } from "#policy/body-room.ts";

/** Keeps the status that the client is told, and ends at once. */
function clientOf(statuses: number[]): ClientStream {
  const client: ClientStream = {
    informational: () => {},
    switchProtocols: () => assert.fail("nothing is switched here"),
    head: (status) => void statuses.push(status),
    write: () => true,
    end: () => client.listener?.closed(true),
    abort: () => client.listener?.closed(false),
    listener: null,
    closeAfter: () => {},
    headSent: false,
  };
  return client;
}

function facts(path: string, headers: Readonly<Record<string, string>> = {}): RequestFacts {
  return {
    id: "1",
    startedAt: 0,
    startedMono: 0,
    protocol: "HTTP/1.1",
    scheme: "http",
    method: "GET",
    host: "a.test",
    authority: "a.test",
    target: path,
    path,
    query: "",
    headers: new HeaderList(Object.entries({ Host: "a.test", ...headers }).flat()),
    body: null,
    peerAddress: "10.0.0.1",
    clientAddress: "10.0.0.1",
    peerTrusted: false,
    upgrade: null,
    tls: null,
  };
}

const question = {
  "X-Forwarded-Method": "GET",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Host": "a.test",
  "X-Forwarded-Uri": "/open",
  "X-Forwarded-For": "203.0.113.7",
};

/** The real table over a real snapshot; only forwarding and minting are replaced, so that they can be counted. */
it("a question mints no permit and forwards nothing; the same request itself does both", async () => {
  const { definition } = await loadText(`version: 1
edge: { https: off, forwardAuth: { path: /auth, callers: [10.0.0.1] } }
apis: { open: { path: /open, backend: up, forwardAuth: true, access: public } }
backends: { up: { url: "http://127.0.0.1:9" } }
`);
  const done: string[] = [];
  const forward: ForwardPort = {
    forward: async () => {
      done.push("forward");
      return { status: 204, statusText: "", headers: new HeaderList(), body: null, carry: null };
    },
  };
  const handles = {
    knownUsers: { users: { identityKey: () => new Uint8Array(32), findIdentity: () => null }, onSeen: () => {} },
    clock: { now: () => 0, mono: () => 0 },
    log: { info(): void {}, warn(): void {}, error: (message: string): void => void done.push(message) },
    mint: () => {
      done.push("mint");
      return { brand: "Permit" };
    },
    authenticate: () => undefined,
    bodies: new BodyRoom(1, 1),
  };
  const first = {
    snapshot: compileSnapshot(definition ?? assert.fail()),
    forward,
    events: {
      finished: ({ question: asked }: Exchange): void => void done.push(asked === null ? "served" : "asked"),
      strict: null,
    },
  };
  const rest = { ports: { clock: handles.clock }, handlerPorts: { check: () => {} }, admission: () => "take" };
  const dispatcher = createDispatcher({ first, handles, ...rest } as unknown as DispatcherOptions);
  const statuses: number[] = [];
  dispatcher.handle(new Exchange(facts("/auth", question), clientOf(statuses)));
  assert.deepEqual([statuses, done], [[200], ["asked"]]);
  dispatcher.handle(new Exchange(facts("/open"), clientOf(statuses)));
  await new Promise(setImmediate);
  assert.deepEqual(
    [statuses, done],
    [
      [200, 204],
      ["asked", "mint", "forward", "served"],
    ],
  );
});
