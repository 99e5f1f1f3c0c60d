import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { compileSnapshot } from "#compile/compile.ts";
import { loadText } from "#config/fixture.test-helper.ts";
import type { BodySink, BodySource, ClientStream } from "#model/body.ts";
import { Exchange, type RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { createDispatcher, type DispatcherOptions } from "#pipeline/dispatcher.ts";
import { BodyRoom } from "#policy/body-room.ts";

/** Keeps the status that the client is told. Its end is told when the test says so. */
function clientOf(statuses: number[]): ClientStream {
  return {
    informational: () => {},
    head: (status) => void statuses.push(status),
    switchProtocols: () => assert.fail(),
    write: () => true,
    end: () => {},
    abort: () => {},
    listener: null,
    closeAfter: () => {},
    headSent: false,
  };
}

function bodyOf(text: string): BodySource {
  return {
    length: undefined,
    start: (sink: BodySink) => {
      sink.data(Buffer.from(text));
      sink.end(null);
    },
    pause: () => {},
    resume: () => {},
    cancel: () => {},
    setLimit: () => {},
  } as BodySource;
}

function facts(body: BodySource): RequestFacts {
  const at = {
    scheme: "http",
    method: "POST",
    host: "a.test",
    authority: "a.test",
    target: "/a",
    path: "/a",
    query: "",
  };
  const peer = { peerAddress: "10.0.0.1", clientAddress: "10.0.0.1", peerTrusted: false, upgrade: null, tls: null };
  const base = {
    id: "1",
    startedAt: 0,
    startedMono: 0,
    protocol: "HTTP/1.1",
    headers: new HeaderList(["Host", "a.test"]),
  };
  return { ...base, ...at, ...peer, body } as RequestFacts;
}

/** The real table. A room that is not given back would refuse everybody in the end. */
it("what an exchange holds of bodies is given back when its client is done, and not before", async () => {
  const { definition, diagnostics } = await loadText(`version: 1
edge: { https: off }
apis:
  a: { path: /a, access: public, respond: { status: 200 }, policies: { inbound: [base, { set-variable: { name: v, value: "\${request.body}" } }] } }
`);
  assert.ok(definition, JSON.stringify(diagnostics));
  const bodies = new BodyRoom(100, 10);
  const clock = { now: () => 0, mono: () => 0 };
  const log = { info: () => {}, warn: () => {}, error: (message: string) => assert.fail(message) };
  const nobody = { identityKey: () => new Uint8Array(32), findIdentity: () => null };
  const knownUsers = { users: nobody, onSeen: () => {} };
  const handles = { clock, log, bodies, knownUsers, mint: () => ({}), authenticate: () => undefined };
  const first = {
    snapshot: compileSnapshot(definition),
    forward: {},
    events: { finished: () => {}, opened: () => {}, strict: null },
  };
  const rest = { ports: { clock, bodies }, handlerPorts: { check: () => {} }, admission: () => "take" };
  const dispatcher = createDispatcher({ first, handles, ...rest } as unknown as DispatcherOptions);

  const statuses: number[] = [];
  const ask = async (): Promise<Exchange> => {
    const exchange = new Exchange(facts(bodyOf("12345678")), clientOf(statuses));
    dispatcher.handle(exchange);
    for (let at = 0; at < 5; at += 1) await turn();
    return exchange;
  };
  const one = await ask();
  assert.equal(bodies.held, 8);
  const two = await ask();
  assert.deepEqual(statuses, [200, 503], "there is no room for two");
  one.client.listener?.closed(true);
  two.client.listener?.closed(true);
  assert.equal(bodies.held, 0);
  await ask();
  assert.deepEqual(statuses, [200, 503, 200]);
});
