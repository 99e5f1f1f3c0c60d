import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import { stripHopByHop, withoutNominated } from "./hop-by-hop.ts";

const strip = (raw: string[], keepTe = false): string[] => stripHopByHop(new HeaderList(raw), keepTe).raw;

describe("stripHopByHop", () => {
  it("removes the fixed fields, in any spelling, and leaves the list it was given", () => {
    const gone = "Connection,Proxy-Connection,Keep-Alive,Proxy-Authenticate,Proxy-Authorization,TE,Trailer";
    const raw = `${gone},Transfer-Encoding,UPGRADE,alt-svc`.split(",").flatMap((name) => [name, "x"]);
    const list = new HeaderList(["A", "1", ...raw, "B", "2"]);
    assert.deepEqual(stripHopByHop(list, true).raw, ["A", "1", "B", "2"]);
    assert.equal(list.raw.length, 24);
  });

  it("removes what Connection names, over several fields", () => {
    const raw = ["X-A", "1", "Connection", "close, X-a", "x-B", "2", "connection", "x-b", "X-C", "3"];
    assert.deepEqual(strip(raw), ["X-C", "3"]);
  });

  it("does not let Connection take away where the message goes and where it ends", () => {
    const raw = ["Host", "h", "Content-Length", "3", "Connection", "host, content-length"];
    assert.deepEqual(strip(raw), ["Host", "h", "Content-Length", "3"]);
  });

  it("keeps TE for trailers only, and only where asked", () => {
    assert.deepEqual(strip(["TE", "gzip, trailers", "Connection", "TE"], true), ["TE", "trailers"]);
    assert.deepEqual(strip(["TE", "gzip"], true), []);
    assert.deepEqual(strip(["TE", "trailers"], false), []);
  });
});

describe("withoutNominated", () => {
  const without = (raw: string[]): readonly string[] => withoutNominated(new HeaderList(raw)).raw;

  it("takes away what Connection names, and the nominations with it", () => {
    const raw = ["X-A", "1", "Connection", "x-a, TE, host", "TE", "trailers", "Host", "h", "X-B", "2"];
    const kept = without(raw);
    assert.deepEqual(kept, ["TE", "trailers", "Host", "h", "X-B", "2"]);
    assert.deepEqual(strip([...kept, "X-A", "a policy's"], true), [
      "Host",
      "h",
      "X-B",
      "2",
      "X-A",
      "a policy's",
      "TE",
      "trailers",
    ]);
  });

  it("gives the list it got when nothing is named", () => {
    for (const value of ["keep-alive", "close", "Close"]) {
      const list = new HeaderList(["X-A", "1", "Connection", value]);
      assert.equal(withoutNominated(list), list);
    }
  });
});
