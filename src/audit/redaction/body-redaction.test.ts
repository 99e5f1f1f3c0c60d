import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noRedaction } from "#model/redaction.ts";
import { readCutJson } from "./cut-json.ts";
import { createRedaction } from "./redaction.ts";

const of = (text: string, body: readonly string[] = []): string | null =>
  createRedaction({ ...noRedaction, body }).body(text);

describe("JSON that was cut", () => {
  it("is read as far as it goes, wherever it was cut", () => {
    const whole = JSON.stringify({ a: [1, 2.5e3, true, null, 'x\u00e9"\\y'], "b,c": { d: "\u0001" }, e: [{}, []] });
    for (let end = 1; end <= whole.length; end += 1) {
      const tree = readCutJson(whole.slice(0, end));
      assert.ok(typeof tree === "object" && tree !== null, whole.slice(0, end));
    }
    assert.deepEqual(readCutJson('{"a":1,"b":"xy'), { a: 1, b: "xy" });
    assert.deepEqual(readCutJson('[{"a":tr'), [{ a: null }]);
  });

  it("is none where it never was, or is deeper than anybody's", () => {
    for (const text of ["<a/>", "{a:1}", '{"a":1}{"b":2}', "[".repeat(201)]) {
      assert.equal(readCutJson(text), undefined, text.slice(0, 20));
    }
  });
});

describe("bodies that are shown", () => {
  it("stay as they came where nothing is to be taken out", () => {
    const text = '{ "a" : [1, 2] }';
    assert.equal(of(text, ["x.y"]), text);
    assert.equal(of("<a>b</a>", ["**.b"]), "<a>b</a>");
  });

  it("lack what rules say, however it is escaped, also behind a cut", () => {
    assert.equal(
      of('{"card":{"holder":"M\\u0061x"},"x":1}', ["card.holder"]),
      '{"card":{"holder":"[redacted]"},"x":1}',
    );
    assert.equal(of('{"card":{"holder":"Mus', ["card.holder"]), '{"card":{"holder":"[redacted]"}}');
    assert.equal(
      of('[{"a":[{"pin":1},{"pin":{"b":2}}]}]', ["a.pin"]),
      '[{"a":[{"pin":"[redacted]"},{"pin":"[redacted]"}]}]',
    );
    assert.equal(of('{"a":{"b":{"c":1}},"c":2}', ["*.*.c"]), '{"a":{"b":{"c":"[redacted]"}},"c":2}');
    assert.equal(of('{"a":{"b":[1,{"x":2}]},"x":3}', ["a.**"]), '{"a":"[redacted]","x":3}');
    assert.equal(of('{"a":{"b":{"x":2}}}', ["**.**.x"]), '{"a":{"b":{"x":"[redacted]"}}}');
    assert.equal(of('{"pins":["1","2"]}', ["pins"]), '{"pins":"[redacted]"}');
    assert.equal(of('{"pin":"1","pin":[]}', ["pin"]), '{"pin":"[redacted]"}');
  });

  it("lack credentials that nobody has a rule for", () => {
    assert.equal(
      of('{"access_token":"abc","n":{"password":"p"}}'),
      '{"access_token":"[redacted]","n":{"password":"[redacted]"}}',
    );
    assert.equal(of('{"p\\u0061ssword":"p"}'), '{"password":"[redacted]"}');
    assert.equal(of('{"password":{"a":"sec'), '{"password":"[redacted]"}');
    const form = "grant_type=password&password=secret&x=1&client_secret=s";
    assert.equal(of(form, ["**.x"]), "grant_type=password&password=[redacted]&x=[redacted]&client_secret=[redacted]");
  });

  it("are read as forms where they are no JSON, whatever they are called", () => {
    assert.equal(of("password=%FC+x&pin=1&a.b=2", ["pin"]), "password=[redacted]&pin=[redacted]&a.b=2");
    assert.equal(of("a plain line, and more & more; of it?", ["pin"]), "a plain line, and more & more; of it?");
  });

  it("lack credentials however their names are put together", () => {
    for (const name of ["accessToken", "Access-Token", "ACCESS_TOKEN", "Password", "refreshToken", "ApiKey"]) {
      assert.equal(of(`{"${name}":"s3cret"}`), `{"${name}":"[redacted]"}`);
    }
  });

  it("lack fields of forms in parts, also behind a cut and another boundary", () => {
    const part = (head: string, value: string): string =>
      `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;
    const plain = part('name="x"', "stays");
    assert.equal(of(`${plain}--b--\r\n`, ["pin"]), `${plain}--b--\r\n`);
    for (const head of ['name="pin"', "name=pin", 'name="password"; filename="a.txt"\r\nContent-Type: text/plain']) {
      const shown = of(`${part(head, "s3cret\r\n--s3cret")}${plain}--b--\r\n`, ["pin"]) ?? "";
      assert.equal(shown, `${part(head, "[redacted]")}${plain}--b--\r\n`);
      assert.ok(of(`${plain}${part(head, "s3cret\r\n--s3c")}`, ["pin"])?.endsWith("\r\n\r\n[redacted]"));
    }
    const inner = of(`${part('name="doc"', '{"a":{"pin":"s3cret"}}')}--b--`, ["**.pin"]);
    assert.ok(inner?.includes('{"a":{"pin":"[redacted]"}}'));
  });

  it("lack texts that are JSON or GraphQL and name such a thing", () => {
    for (const text of [
      '{"a":{"pin":"s3cret"}}',
      'mutation { login(pin: "s3cret") }',
      "{f(password:s3cret)}",
      '{f(pin:"""s3cret""")}',
    ]) {
      assert.equal(of(JSON.stringify({ m: text, n: 1 }), ["**.pin"]), '{"m":"[redacted]","n":1}', text);
    }
    const query = JSON.stringify({ query: "query($p: String!) { login(password: $p) { id } }" });
    assert.equal(of(query, ["**.pin"]), query);
  });

  it("are not shown where they are markup that has such a name", () => {
    for (const text of ["<pin>1</pin>", '<a pin="1"/>', "<s:pin>1</s:pin>", "<Password>1</Password>"]) {
      assert.equal(of(text, ["**.pin"]), null, text);
    }
  });

  it("are not shown where what they hold cannot be told", () => {
    assert.equal(of('{"a":1}\n{"pin":2}', ["**.pin"]), null);
    assert.equal(of(`${"[".repeat(300)}1`, ["pin"]), null);
    assert.equal(of("anything", ["**"]), null);
  });
});
