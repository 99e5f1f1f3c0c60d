import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { boundedSite } from "./site-calls.ts";

const page: SiteResponse = { status: 200, headers: [], body: "" };
const of = (path: string, clientAddress: string): SiteRequest => ({ path, clientAddress }) as SiteRequest;

describe("requests for the gateway's own pages", () => {
  it("are 128 at a time, and no more wait", async () => {
    const answer = Promise.withResolvers<SiteResponse>();
    const site = boundedSite(() => answer.promise);
    const asked = Array.from({ length: 200 }, (_, at) => site(of("/session", `192.0.2.${at}`)));
    assert.equal(asked.filter((one) => one === null).length, 72);
    answer.resolve(page);
    await Promise.all(asked);
    assert.deepEqual(await site(of("/session", "192.0.2.1")), page);
  });

  it("begin and end logins of one address a few at a time, and leave room for others", async () => {
    const answer = Promise.withResolvers<SiteResponse>();
    const site = boundedSite(() => answer.promise);
    const logins = Array.from({ length: 40 }, (_, at) => site(of(at % 2 ? "/login" : "/callback", "192.0.2.1")));
    assert.equal(logins.filter((one) => one !== null).length, 16);
    const others = [site(of("/callback", "192.0.2.2")), site(of("/session", "192.0.2.1"))];
    assert.ok(!others.includes(null));
    answer.reject(new Error("main is gone"));
    await Promise.allSettled([...logins, ...others]);
    const next = site(of("/login", "192.0.2.1"));
    await assert.rejects(Promise.resolve(next), /main is gone/, "a failure gives its place back");
  });
});
