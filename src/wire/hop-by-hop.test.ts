import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import { stripHopByHop } from "./hop-by-hop.ts";

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
