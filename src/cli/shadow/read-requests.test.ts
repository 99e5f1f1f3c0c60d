import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRequests } from "./read-requests.ts";

describe("requests to compare", () => {
  it("come from a list, once each, without what may change something", () => {
    const text =
      "# traffic\nGET /a?x=1\n/b\nGET /a?x=1\n\nhead /c\nPOST /d\nGET https://old.test/e?y#z\nnonsense here too\n";
    const { requests, unsafe, unread } = readRequests(text);
    assert.deepEqual(
      requests.map(({ method, target }) => `${method} ${target}`),
      ["GET /a?x=1", "GET /b", "HEAD /c", "GET /e?y"],
    );
    assert.deepEqual([unsafe, unread], [1, [9]]);
  });

  it("come from lines of the access log, of which events are none", () => {
    const lines = [
      { time: "t", method: "GET", path: "/a", query: "x=1" },
      { event: "gateway.started" },
      { method: "PUT", path: "/b" },
      { method: "GET", path: "no path" },
    ];
    const { requests, unsafe, unread } = readRequests(lines.map((line) => JSON.stringify(line)).join("\n"));
    assert.deepEqual(requests, [{ method: "GET", target: "/a?x=1", headers: [] }]);
    assert.deepEqual([unsafe, unread], [1, [4]]);
  });

  it("come from the logs of other gateways, but for those of which something was kept out", () => {
    const lines = [
      '{"level":"info","request":{"method":"GET","host":"a","uri":"/c?y=2"},"status":200}',
      '10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /d HTTP/1.1" 200 1 "-" "curl"',
      '{"method":"GET","path":"/e","query":"key=[redacted]&x=1"}',
      '10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "\\x16\\x03" 400 0 "-" "-"',
    ];
    const { requests, redacted, unread } = readRequests(lines.join("\n"));
    assert.deepEqual(
      requests.map(({ target }) => target),
      ["/c?y=2", "/d"],
    );
    assert.deepEqual([redacted, unread], [1, [4]]);
  });

  it("come from a browser's archive, without what says who asks", () => {
    const headers = [
      { name: "Accept", value: "text/html" },
      { name: "Cookie", value: "secret" },
      { name: "Authorization", value: "secret" },
      { name: "Accept-Language", value: "de\r\nX-More: 1" },
    ];
    const entries = [{ request: { method: "GET", url: "https://old.test/a?b", headers } }, { request: {} }];
    const { requests, unread } = readRequests(JSON.stringify({ log: { entries } }));
    assert.deepEqual(requests, [{ method: "GET", target: "/a?b", headers: ["Accept", "text/html"] }]);
    assert.deepEqual(unread, [2]);
  });
});
