import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import { exchange } from "#upstream/forwarding.test-helper.ts";
import { cgiEnvironment } from "./cgi-environment.ts";
import { CgiHeadReader } from "./cgi-head.ts";
import { encodePairs, RecordReader, recordType, writeStream } from "./records.ts";

/** What a reader tells of bytes that come in these pieces. */
function read(pieces: readonly Buffer[]): {
  readonly text: string;
  readonly ends: readonly number[];
  readonly ok: boolean;
} {
  let text = "";
  const ends: number[] = [];
  const reader = new RecordReader({
    content: (type, bytes) => (text += `${type}:${bytes.toString("latin1")} `),
    end: (status) => void ends.push(status),
  });
  const ok = pieces.every((piece) => reader.push(piece));
  return { text: text.replaceAll(/ (\d):/g, (all, type: string) => (type === "6" ? "" : all)), ends, ok };
}

function endRecord(status: number): Buffer {
  return Buffer.from([1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, status, 0, 0, 0]);
}

describe("FastCGI records", () => {
  const stdout = (text: string): Buffer => Buffer.concat(writeStream(recordType.stdout, Buffer.from(text)));

  it("are read whatever the pieces they come in", () => {
    const whole = Buffer.concat([stdout("hello"), stdout("a longer one, padded"), endRecord(0)]);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const { text, ends, ok } = read([whole.subarray(0, cut), whole.subarray(cut)]);
      assert.deepEqual(
        [text.replace("6:", "").trim(), ends, ok],
        ["helloa longer one, padded", [0], true],
        String(cut),
      );
    }
    const single = read(Array.from(whole, (byte) => Buffer.from([byte])));
    assert.deepEqual([single.ends, single.ok], [[0], true]);
  });

  it("of another version or request are refused", () => {
    for (const at of [0, 3]) {
      const wrong = stdout("hello");
      wrong[at] = 9;
      assert.equal(read([wrong]).ok, false);
    }
    assert.deepEqual(read([endRecord(2)]).ends, [2]);
    assert.deepEqual(read([Buffer.from([1, 3, 0, 1, 0, 2, 0, 0, 0, 0])]).ends, [-1], "too short");
  });

  it("hold content of any length, padded to eight bytes", () => {
    for (const length of [0, 1, 7, 8, 65_528, 65_529, 200_000]) {
      const bytes = Buffer.concat(writeStream(recordType.stdin, Buffer.alloc(length, "x")));
      assert.equal(bytes.length % 8, 0);
      assert.equal(read([bytes]).text.replaceAll(/[^x]/g, "").length, length);
    }
  });

  it("name variables with their lengths, short and long", () => {
    const bytes = encodePairs(
      new Map([
        ["A", "1"],
        ["B", "x".repeat(200)],
      ]),
    );
    assert.equal(bytes.toString("hex", 0, 4), "01014131");
    assert.equal(bytes.toString("hex", 4, 10), "01800000c842");
    assert.equal(bytes.length, 10 + 200);
  });
});

describe("the head of a CGI response", () => {
  const headOf = (text: string): unknown => {
    const found = new CgiHeadReader().push(Buffer.from(text, "latin1"));
    return (
      found && [found.head.status, found.head.statusText, found.head.fields.join(" "), found.rest.toString("latin1")]
    );
  };

  it("is read with either line end", () => {
    assert.deepEqual(headOf("A: 1\r\nB:2 \r\n\r\nrest"), [200, "OK", "A 1 B 2", "rest"]);
    assert.deepEqual(headOf("Status: 404 Gone Fishing\nA: 1\n\n"), [404, "Gone Fishing", "A 1", ""]);
    assert.deepEqual(headOf("Location: /x\n\n"), [302, "Found", "Location /x", ""]);
    assert.deepEqual(headOf("Status: 201\nLocation: /x\n\n"), [201, "Created", "Location /x", ""]);
    assert.equal(headOf("A: 1\n"), undefined);
  });

  it("is malformed with anything that is no field, and when it does not end", () => {
    for (const text of [
      "A\n\n",
      "A b: 1\n\n",
      "A: \u0000\n\n",
      "A: 1\rB: 2\n\n",
      "Status: 99\n\n",
      "Status: 700 x\n\n",
      ": x\n\n",
    ]) {
      assert.equal(headOf(text), null, JSON.stringify(text));
    }
    assert.equal(headOf(`A: ${"x".repeat(70_000)}`), null);
  });
});

describe("CGI variables of header fields", () => {
  it("take no other field's name, and not the proxy's", () => {
    const made = exchange({});
    made.request.headers = new HeaderList([
      "Proxy",
      "http://evil",
      "X_Real",
      "no",
      "X.Real",
      "no",
      "X-Real",
      "yes",
      "Content-Length",
      "7",
    ]);
    const script = { file: "/srv/a.php", root: "/srv", name: "/a.php", pathInfo: "" };
    const variables = cgiEnvironment(made, script, undefined, { HTTP_FROM_ENV: "set" });
    const own = [...variables].filter(([name]) => name.startsWith("HTTP_"));
    assert.deepEqual(own, [
      ["HTTP_X_REAL", "yes"],
      ["HTTP_FROM_ENV", "set"],
    ]);
    assert.equal(variables.has("CONTENT_LENGTH"), false);
    assert.equal(variables.has("PATH_INFO"), false);
  });
});
