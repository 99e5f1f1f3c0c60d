import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import type { ClientListener, ClientStream, TunnelSource } from "#model/body.ts";
import { HeaderList } from "#model/header-list.ts";
import { HeldClient } from "./held-client.ts";

/** Notes what it is told, in the order. */
class NotedClient implements ClientStream {
  listener: ClientListener | null = null;
  headSent = false;
  readonly seen: string[] = [];

  informational(status: number): void {
    this.seen.push(`informational ${status}`);
  }
  head(status: number, _text: string, _headers: HeaderList, length: number | undefined): void {
    this.headSent = true;
    this.seen.push(`head ${status} ${length}`);
  }
  switchProtocols(): TunnelSource {
    this.seen.push("switch");
    return {} as TunnelSource;
  }
  write(chunk: Uint8Array): boolean {
    this.seen.push(`write ${Buffer.from(chunk).toString()}`);
    return true;
  }
  end(last: Uint8Array | null): void {
    this.seen.push(`end ${last === null ? "" : Buffer.from(last).toString()}`);
  }
  abort(): void {
    this.seen.push("abort");
  }
  closeAfter(): void {
    this.seen.push("close after");
  }
}

function held(toHead = false) {
  const client = new NotedClient();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let asked = 0;
  const complete = (): Promise<boolean> => {
    asked += 1;
    return promise;
  };
  const stream = new HeldClient(client, { complete }, toHead);
  const head = (length: number | undefined, status = 200): void => stream.head(status, "", new HeaderList(), length);
  /** What was seen before the record was on the disk, and after. */
  const settle = async (recorded = true): Promise<readonly [before: readonly string[], after: readonly string[]]> => {
    await Promise.resolve();
    const before = client.seen.splice(0);
    resolve(recorded);
    await promise;
    await Promise.resolve();
    return [before, client.seen];
  };
  return { client, stream, head, settle, asked: () => asked };
}

describe("the end of a response under strict durability", () => {
  it("holds a whole response until it is on record", async () => {
    const { stream, head, settle, asked } = held();
    head(5);
    stream.end(Buffer.from("hello"), null);
    assert.deepEqual(await settle(), [[], ["head 200 5", "end hello"]]);
    assert.equal(asked(), 1);
  });

  it("holds a body that comes in one piece", async () => {
    const { stream, head, settle } = held();
    head(5);
    stream.write(Buffer.from("hello"));
    stream.end(null, null);
    assert.deepEqual(await settle(), [[], ["head 200 5", "end hello"]]);
  });

  it("holds the last byte of an announced length, however it is cut", async () => {
    for (const chunks of [
      ["hel", "lo"],
      ["hell", "o"],
      ["h", "e", "l", "l", "o"],
    ]) {
      const { stream, head, settle } = held();
      head(5);
      for (const chunk of chunks) stream.write(Buffer.from(chunk));
      stream.end(null, null);
      const [before, after] = await settle();
      const bytes = before.filter((one) => one.startsWith("write")).map((one) => one.slice(6));
      assert.deepEqual(
        [bytes.join(""), after],
        ["hell", ["end o"]].with(
          1,
          after.filter((one) => one !== "head 200 5"),
        ),
      );
      assert.equal([...before, ...after].filter((one) => one === "head 200 5").length, 1);
    }
  });

  it("holds the end of a body whose length was not announced, and its trailers", async () => {
    const { stream, head, settle } = held();
    head(undefined);
    stream.write(Buffer.from("hello"));
    stream.end(null, ["a", "b"]);
    assert.deepEqual(await settle(), [["head 200 undefined", "write hello"], ["end "]]);
  });

  it("holds the head where that is all", async () => {
    for (const [toHead, status, length] of [
      [true, 200, 5],
      [true, 200, undefined],
      [false, 204, undefined],
      [false, 304, 5],
      [false, 200, 0],
    ] as const) {
      const { stream, head, settle } = held(toHead);
      head(length, status);
      if (toHead) stream.write(Buffer.from("hello"));
      stream.end(null, null);
      assert.deepEqual(await settle(), [[], [`head ${status} ${length}`, "end "]]);
    }
  });

  it("breaks off when the record cannot be written, and when the body is not as long as announced", async () => {
    const failed = held();
    failed.head(undefined);
    failed.stream.end(null, null);
    assert.deepEqual((await failed.settle(false))[1], ["abort"]);
    for (const body of ["hell", "hello!"]) {
      const { stream, head, settle, asked } = held();
      head(5);
      stream.write(Buffer.from(body));
      stream.end(null, null);
      assert.equal((await settle())[0].at(-1), "abort");
      assert.equal(asked(), 0, "the record tells how it ended, once it has");
    }
  });

  it("lets through what comes after a switch of protocols", async () => {
    const { stream, settle } = held();
    stream.switchProtocols(new HeaderList());
    stream.write(Buffer.from("a"));
    stream.end(null, null);
    assert.deepEqual((await settle())[0], ["switch", "write a", "end "]);
  });
});
