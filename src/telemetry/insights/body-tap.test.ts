import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import { BodyTap, TappedBody, TapRoom } from "./body-tap.ts";

const textOf = ({ bytes }: BodyTap): string => Buffer.from(bytes).toString();

describe("a tap on a body", () => {
  it("copies the first bytes and no more", () => {
    const tap = new BodyTap(5, new TapRoom(100));
    const chunk = Buffer.from("abc");
    for (const one of [chunk, Buffer.alloc(0), Buffer.from("defg"), Buffer.from("h")]) tap.take(one);
    chunk.fill("x");
    assert.equal(textOf(tap), "abcde");
  });

  it("shares a room with all others, and gives it back", () => {
    const room = new TapRoom(6);
    const [one, other] = [new BodyTap(100, room), new BodyTap(100, room)];
    one.take(Buffer.from("abcd"));
    other.take(Buffer.from("abcd"));
    assert.deepEqual([textOf(one), textOf(other), other.isLost], ["abcd", "", true]);
    one.release();
    one.release();
    other.release();
    const third = new BodyTap(100, room);
    third.take(Buffer.from("abcdef"));
    assert.deepEqual([textOf(third), third.isLost, room.take(1)], ["abcdef", false, false]);
  });

  it("lets everything else through as it is", () => {
    const calls: string[] = [];
    let inner: BodySink | null = null;
    const source: BodySource & { readonly received: number } = {
      length: 7,
      waits: true,
      received: 3,
      start: (sink) => {
        inner = sink;
      },
      pause: () => calls.push("pause"),
      resume: () => calls.push("resume"),
      cancel: () => calls.push("cancel"),
    };
    const body = new TappedBody(source, new BodyTap(0, new TapRoom(0)));
    assert.deepEqual([body.length, body.waits, body.received], [7, true, 3]);
    body.start({
      data: (chunk) => calls.push(`data ${chunk.byteLength}`),
      end: (trailers) => calls.push(`end ${trailers?.join()}`),
      fail: ({ code }) => calls.push(`fail ${code}`),
    });
    const sink = inner as unknown as BodySink;
    sink.data(new Uint8Array(9));
    sink.end(["a", "b"]);
    sink.fail(new GatewayError("upstream-reset", 502, "gone"));
    body.pause();
    body.resume();
    body.cancel();
    assert.deepEqual(calls, ["data 9", "end a,b", "fail upstream-reset", "pause", "resume", "cancel"]);
  });
});
