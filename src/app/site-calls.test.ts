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
    answer.resolve(page);
    assert.equal((await Promise.all(asked)).filter((one) => one === null).length, 72);
    assert.deepEqual(await site(of("/session", "192.0.2.1")), page);
  });

  it("begin and end logins of one address a few at a time, the next in turn, and leave room for others", async () => {
    const asked: string[] = [];
    const answer = Promise.withResolvers<SiteResponse>();
    const site = boundedSite(({ path, clientAddress }) => {
      asked.push(`${path} ${clientAddress}`);
      return answer.promise;
    });
    const logins = Array.from({ length: 160 }, (_, at) => site(of(at % 2 ? "/login" : "/callback", "192.0.2.1")));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(asked.length, 16);
    const others = [site(of("/callback", "192.0.2.2")), site(of("/session", "192.0.2.1"))];
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(asked.slice(16), ["/session 192.0.2.1", "/callback 192.0.2.2"]);
    answer.reject(new Error("main is gone"));
    const ends = await Promise.allSettled([...logins, ...others]);
    assert.equal(ends.filter(({ status }) => status === "fulfilled").length, 16, "no room to wait");
    assert.equal(asked.length, 16 + 128 + 2, "who waited came to it");
    await assert.rejects(site(of("/login", "192.0.2.1")), /main is gone/, "a failure gives its place back");
  });
});
