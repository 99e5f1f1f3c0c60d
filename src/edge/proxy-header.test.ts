import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "node:test";
import { maxProxyHeader, readProxyHeader } from "./proxy-header.ts";

const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const binary = (command: number, family: number, body: Buffer, length = body.length): Buffer =>
  Buffer.concat([signature, Buffer.from([command, family, length >> 8, length & 255]), body]);
const tcp4 = Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0xc3, 0x50, 1, 0xbb]);
const tcp6 = Buffer.from("20010db800000000000000000000000720010db8000000000000000000000001c35001bb", "hex");
const addressOf = (bytes: Buffer | string): string => {
  const header = readProxyHeader(Buffer.from(bytes as string));
  return header.kind === "header" ? (header.peer?.address ?? "itself") : header.kind;
};

describe("PROXY header", () => {
  test("version 1", () => {
    assert.equal(addressOf("PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\nGET /"), "192.0.2.7");
    assert.equal(addressOf("PROXY TCP6 2001:db8::7 2001:db8::1 50000 443\r\n"), "2001:db8::7");
    assert.equal(addressOf("PROXY UNKNOWN\r\n"), "itself");
    assert.equal(addressOf("PROXY UNKNOWN ffff::1 whatever 1 2\r\n"), "itself");
  });

  test("version 2, with extensions", () => {
    assert.equal(addressOf(binary(0x21, 0x11, tcp4)), "192.0.2.7");
    assert.equal(addressOf(binary(0x21, 0x21, tcp6)), "2001:db8::7");
    assert.equal(addressOf(binary(0x21, 0x31, Buffer.alloc(216))), "");
    assert.equal(addressOf(binary(0x20, 0x00, Buffer.alloc(0))), "itself");
    assert.equal(addressOf(binary(0x20, 0x11, tcp4)), "itself", "LOCAL, whatever stands there");
    const extension = Buffer.from([0x02, 0, 4, 0x61, 0x2e, 0x62, 0x63]);
    assert.equal(addressOf(binary(0x21, 0x11, Buffer.concat([tcp4, extension]))), "192.0.2.7");
  });

  test("every prefix of a good header asks for more, and its length ends it", () => {
    for (const whole of [Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n"), binary(0x21, 0x21, tcp6)]) {
      for (let length = 0; length < whole.length; length += 1) {
        assert.equal(readProxyHeader(whole.subarray(0, length)).kind, "more", String(length));
      }
      const header = readProxyHeader(Buffer.concat([whole, Buffer.from("rest")]));
      assert.ok(header.kind === "header" && header.length === whole.length);
    }
  });

  test("anything else is malformed, and no header is long", () => {
    for (const line of [
      "GET / HTTP/1.1\r\n",
      "\x16\x03\x01",
      "proxy TCP4 192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n\r\n",
      "PROXY  TCP4 192.0.2.7 198.51.100.1 1 2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 01 2\r\n",
      "PROXY TCP4 192.0.2.7 198.51.100.1 65536 2\r\n",
      "PROXY TCP4 192.0.2.256 198.51.100.1 1 2\r\n",
      "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
      "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
      "PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n",
      `PROXY TCP4 ${"1".repeat(120)}`,
    ]) {
      assert.equal(addressOf(line), "malformed", line);
    }
    for (const bytes of [
      binary(0x11, 0x11, tcp4),
      binary(0x22, 0x11, tcp4),
      binary(0x21, 0x12, tcp4),
      binary(0x21, 0x11, tcp4.subarray(0, 8)),
      binary(0x21, 0x11, Buffer.concat([tcp4, Buffer.from([2, 0, 9, 1])])),
      binary(0x21, 0x11, tcp4, maxProxyHeader),
    ]) {
      assert.equal(addressOf(bytes), "malformed", bytes.toString("hex"));
    }
  });
});
