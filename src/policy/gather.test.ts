import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import { ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { exchangeFor } from "#notation/cel/exchange.test-helper.ts";
import { BodyRoom } from "./body-room.ts";
import { gather } from "./gather.ts";

/** A body that comes when it is told to. */
class Arriving implements BodySource {
  length: number | undefined = undefined;
  sink: BodySink | null = null;
  cancelled = false;
  start(sink: BodySink): void {
    this.sink = sink;
  }
  pause(): void {}
  resume(): void {}
  cancel(): void {
    this.cancelled = true;
  }
}

const ofRequest = { request: true, response: false };

function isCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof GatewayError && error.code === code;
}

describe("gathering bodies", () => {
  it("waits for the whole of one that is still coming, and holds its room until it is given back", async () => {
    const [body, room] = [new Arriving(), new BodyRoom(100, 100)];
    const exchange = exchangeFor([], { body });
    const done = gather(exchange, ofRequest, room);
    body.sink?.data(Buffer.from("ab"));
    body.sink?.data(Buffer.from("c"));
    body.sink?.end(null);
    await done;
    assert.equal(String(exchange.request.body), "abc");
    assert.deepEqual([exchange.gatheredBytes, room.held], [3, 3]);
    assert.equal(gather(exchange, ofRequest, room), undefined, "what is there is not read again");
  });

  it("has nothing to wait for without a body, before a response, and behind a switch of protocols", () => {
    const room = new BodyRoom(100, 100);
    const exchange = exchangeFor();
    assert.equal(gather(exchange, { request: true, response: true }, room), undefined);
    exchange.response = new ResponseDraft(101, "", new HeaderList(), new Arriving(), "upstream");
    assert.equal(gather(exchange, { request: true, response: true }, room), undefined);
  });

  it("refuses what says that it is too large before it is sent, and what becomes too large", async () => {
    const room = new BodyRoom(4, 100);
    const said = new Arriving();
    said.length = 5;
    await assert.rejects(
      gather(exchangeFor([], { body: said }), ofRequest, room) ?? Promise.resolve(),
      isCode("client-body-too-large"),
    );
    assert.deepEqual([said.cancelled, said.sink], [true, null]);

    const grown = new Arriving();
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(200, "", new HeaderList(), grown, "upstream");
    const pending = gather(exchange, { request: false, response: true }, room);
    grown.sink?.data(Buffer.from("abc"));
    grown.sink?.data(Buffer.from("de"));
    await assert.rejects(pending ?? Promise.resolve(), isCode("upstream-too-large"));
    assert.equal(grown.cancelled, true);
  });

  it("holds no more at a time than there is room for, but always one", async () => {
    const room = new BodyRoom(100, 10);
    const [first, second] = [new Arriving(), new Arriving()];
    const one = gather(exchangeFor([], { body: first }), ofRequest, room);
    const two = gather(exchangeFor([], { body: second }), ofRequest, room);
    first.sink?.data(Buffer.alloc(50));
    second.sink?.data(Buffer.alloc(1));
    await assert.rejects(two ?? Promise.resolve(), isCode("body-room-full"));
    first.sink?.end(null);
    await one;
  });

  it("fails as the body fails", async () => {
    const body = new Arriving();
    const pending = gather(exchangeFor([], { body }), ofRequest, new BodyRoom(100, 100));
    body.sink?.fail(new GatewayError("client-aborted", 499, "gone"));
    await assert.rejects(pending ?? Promise.resolve(), isCode("client-aborted"));
  });
});
