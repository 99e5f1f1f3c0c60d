import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRecorder } from "#audit/record.ts";
import { passed, routedExchange, servedExchange } from "#audit/testing/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { AuditRecord } from "#model/record.ts";
import { noRedaction, type RedactionRules } from "#model/redaction.ts";
import { createRedaction } from "./redaction.ts";

const card = "4111 1111 1111 1111";
const of = (rules: Partial<RedactionRules>) => createRedaction({ ...noRedaction, ...rules });
const byPatterns =
  (...patterns: readonly string[]) =>
  (text: string) =>
    of({ patterns }).text(text, null).text;

describe("redaction", () => {
  it("takes out card numbers, in groups or not, and no other numbers", () => {
    const redact = byPatterns("card-number");
    for (const number of [card, "4111111111111111", "4111-1111-1111-1111", "378282246310005", "4111+1111+1111+1111"]) {
      assert.equal(redact(`paid by ${number}, thanks`), "paid by [redacted], thanks", number);
    }
    assert.equal(redact("/cards/4111%201111%201111%201111/x"), "/cards/[redacted]/x");
    assert.equal(redact(`${card} ${card}`), "[redacted] [redacted]");
    for (const other of [
      "4111111111111112",
      "0000 0000 0000 0000",
      "1234",
      "2026-11-27 12:00:00",
      "41111111111111111111111",
    ]) {
      assert.equal(redact(`n ${other} n`), `n ${other} n`);
    }
  });

  it("takes out e-mail addresses, encoded ones too", () => {
    const redact = byPatterns("email");
    assert.equal(redact("to ann.other+x@mail.example.com."), "to [redacted].");
    assert.equal(redact("user=ann%40example.com&x=1"), "user=[redacted]&x=1");
    assert.equal(redact("a@example.com,b@example.com"), "[redacted],[redacted]");
    for (const other of ["a@b", "@example.com", "git@host:x", "50%40", "a@1.2.3.4"]) assert.equal(redact(other), other);
  });

  it("takes out what an expression finds", () => {
    const redact = byPatterns("TCK-[0-9]{6}", "email");
    assert.equal(redact("TCK-123456 of a@b.example"), "[redacted] of [redacted]");
  });

  it("finds what is encoded, as it is read behind the gateway", () => {
    const redact = byPatterns("card-number", "email", "IB[0-9]{2} [0-9]{6}", "[a-z]{2}/[0-9]{4}", "Zoë");
    const octets = Buffer.from("4111111111111111").toString("hex").replaceAll(/../g, "%$&");
    for (const text of [
      "IB12%20123456",
      "IB12+123456",
      "IB12%2520123456",
      "IB12\\u0020123456",
      "ab%2F1234",
      "ab%252f1234",
      "ab\\/1234",
      "ann%2540mail.example",
      "ann%40m%61il.ex%61mple",
      "ann\\u0040mail.example",
      "ann\\\\u0040mail.example",
      octets,
      "4111%25201111%25201111%25201111",
      "Zo%C3%AB",
      "Zo\\u00eb",
    ]) {
      assert.equal(redact(`x ${text} y`), "x [redacted] y", text);
    }
    for (const text of ["100%", "%zz %4", "a+b", "%25%2525", "\\u12", "C:\\new"]) assert.equal(redact(text), text);
  });

  it("takes time that is linear in the text", () => {
    const redact = byPatterns("card-number", "email", "(a+)+$");
    for (const unit of ["%2525", "%25", "\\\\", "+", "1", "1 ", "a", "@", "a@", "%40", "a.", "4111-"]) {
      const started = performance.now();
      redact(unit.repeat(100_000));
      assert.ok(performance.now() - started < 4000, unit);
    }
  });

  it("takes out values of names within texts, as of GraphQL", () => {
    const redaction = of({ body: ["**.password"] });
    const inner = JSON.stringify({ password: 's3cret-1 "x"' });
    const query = 'query{f(password:"s3cret-1 \\"x\\"")}';
    for (const body of [JSON.stringify({ inner }), JSON.stringify({ query }), query]) {
      const exchange = routedExchange({});
      exchange.request.body = Buffer.from(body);
      assert.ok(!redaction.text(`said ${body}`, exchange).text.includes("s3cret"), body);
      assert.equal(redaction.text('said s3cret-1 "x".', exchange).text, "said [redacted].");
    }
    const exchange = routedExchange({});
    exchange.request.body = Buffer.from(
      `${"a".repeat(200_000)}${'"""'.repeat(100_000)}${"password : ".repeat(20_000)}`,
    );
    const started = performance.now();
    redaction.text("said", exchange);
    assert.ok(performance.now() - started < 4000);
  });

  it("takes out values of fields of forms in parts, and of parameters of addresses", () => {
    const exchange = routedExchange({
      headers: new HeaderList(["Referer", "https://a.example/?pin=s3cret-1#id_token=s3cret-2"]),
    });
    exchange.request.body = Buffer.from(
      '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\ns3cret-3\r\n--b\r\nContent-Disposition: form-data; name="doc"\r\n\r\n{"password":"s3cret-4"}\r\n--b--\r\n',
    );
    const redaction = of({ query: ["pin"], body: ["**.password"] });
    for (const secret of [1, 2, 3, 4].map((number) => `s3cret-${number}`)) {
      assert.equal(redaction.text(`said ${secret}.`, exchange).text, "said [redacted].");
    }
  });

  it("takes out values of fields and of places in bodies, wherever they turn up", () => {
    const headers = new HeaderList(["X-National-Id", "850101-1234", "X-Other", "stays"]);
    const exchange = routedExchange({ headers });
    const redaction = of({ headers: ["x-national-id"], body: ["card.number", "**.password", "lines.*.note"] });
    const text = "id 850101-1234, stays; s3cret-1 s3cret-2 42424242 s3cret-3 public";
    assert.equal(redaction.text("id 850101-1234, stays", exchange).text, "id [redacted], stays");
    exchange.request.body = Buffer.from(
      JSON.stringify({
        card: { number: 42424242, name: "public" },
        deep: [{ login: { password: "s3cret-1" } }],
        password: "s3cret-2",
        lines: [{ note: "s3cret-3" }],
      }),
    );
    const { text: clean, count } = redaction.text(text, exchange);
    assert.equal(clean, "id [redacted], stays; [redacted] [redacted] [redacted] [redacted] public");
    assert.equal(count, 5);
    exchange.request.body = Buffer.from("password=s3cret+form&x=1");
    assert.equal(redaction.text("it is s3cret form", exchange).text, "it is [redacted]");
  });

  describe("of a body", () => {
    const redaction = of({ body: ["**.password", "cards.*.number"] });
    const textOf = (body: string | Buffer, type: string = "application/json", text: string = String(body)): string => {
      const exchange = routedExchange({ headers: new HeaderList(["Content-Type", type]) });
      exchange.request.headers = exchange.facts.headers;
      exchange.request.body = Buffer.from(body as string);
      return redaction.told(text, exchange).text;
    };

    it("finds values as they were sent, whatever they were escaped by", () => {
      const sent = [
        String.raw`{"password":"M\u00fcller-geheim"}`,
        String.raw`{"password":"pa\/th\/geheim"}`,
        String.raw`{"passw\u006frd":"\ud800geheim"}`,
        '{"password":12345678901234567891}',
        '{"password":"geheim1","password":"geheim2"}',
        '{"password":"geheim1"}\n{"password":"geheim2"}',
        '\ufeff{"a":[{"password":["geheim1",{"x":"geheim2"}]}]}',
        '{"password":"geheim1","a":',
        '{"cards":[{"number":"geheim1"},{"number":"geheim2"}]}',
      ];
      for (const body of sent) assert.doesNotMatch(textOf(body), /geheim|u00fc|2345678/, body);
      assert.equal(textOf('{"name":"public","password":true}'), '{"name":"public","password":true}');
    });

    it("finds values of forms as they were sent, and as they are encoded elsewhere", () => {
      for (const body of ["password=geheim+wort", "x=1&password=gehe%69m%2dwort", "p%61ssword=%zzgeheim"]) {
        assert.doesNotMatch(textOf(body, "application/x-www-form-urlencoded"), /gehe|wort/, body);
      }
      const text = "a geheim%20wort b geheim+wort c geheim%2fwort";
      assert.equal(
        textOf('{"password":["geheim wort","geheim/wort"]}', "application/json", text).includes("geheim"),
        false,
      );
      assert.doesNotMatch(
        textOf(Buffer.from('{"password":"geheim"}', "utf16le"), "a/json; charset=utf-16", "geheim"),
        /geheim/,
      );
    });

    it("takes no time and no stack that a client could choose, and says nothing where it cannot know all", () => {
      const started = performance.now();
      const nested = (depth: number): string => `{"password":${"[".repeat(depth)}"geheim"${"]".repeat(depth)}}`;
      const many = (count: number): string =>
        JSON.stringify({ password: Array.from({ length: count }, (_, at) => `geheim${at}`) });
      assert.doesNotMatch(textOf(nested(20_000)), /geheim/);
      assert.doesNotMatch(textOf('{"a":'.repeat(20_000) + nested(1)), /geheim/);
      for (const body of [
        nested(45_000),
        many(40_000),
        `{"password":"geheim"${" ".repeat(1024 * 1024)}}`,
        "password=geheim&".repeat(60_000),
      ]) {
        assert.equal(textOf(body, "application/json", "it was geheim0 in there"), "[redacted]");
      }
      assert.ok(performance.now() - started < 4000);
    });
  });

  it("takes out values of fields however they are encoded, and each of a list", () => {
    const headers = new HeaderList(["X-National-Id", "id 87/x", "X-National-Id", "one-11, two-22"]);
    const text = "id 87/x id%2087%2fx id+87%2Fx two-22";
    const redaction = of({ headers: ["x-national-id"] });
    assert.equal(redaction.text(text, routedExchange({ headers })).text, "[redacted] [redacted] [redacted] [redacted]");
  });

  it("knows what bodies and fields said before a policy replaced them", () => {
    const redaction = of({ headers: ["x-reply"], body: ["**.password"] });
    const exchange = servedExchange();
    const { response } = exchange;
    assert.ok(response !== null);
    response.headers.set("X-Reply", "geheim1");
    response.body = Buffer.from('{"password":"geheim2"}');
    exchange.request.body = Buffer.from('{"password":"geheim3"}');
    redaction.note(exchange);
    redaction.note(exchange);
    response.headers.delete("x-reply");
    exchange.request.body = response.body = Buffer.from("{}");
    const { text } = redaction.told("geheim1 geheim2 geheim3 public", exchange);
    assert.equal(text, "[redacted] [redacted] [redacted] public");
    assert.equal(redaction.text("geheim1", servedExchange()).text, "geheim1", "of another exchange");
  });

  it("takes out what a parameter's value is to those who end it at a semicolon, and to others", () => {
    const exchange = routedExchange({ query: "pin=one;geheim&x=1" });
    assert.equal(
      of({ query: ["pin"] }).text("asked one;geheim, then one", exchange).text,
      "asked [redacted], then [redacted]",
    );
  });

  it("is done to a record's path, query and details before they are written, and counted", () => {
    const rules: RedactionRules = { headers: ["x-pin"], query: ["pin"], body: [], patterns: ["card-number", "email"] };
    const redaction = createRedaction(rules);
    const options = { environment: "prod", node: "gw-1", configHash: "c", redactQuery: rules.query, redaction };
    const exchange = servedExchange({
      path: "/people/ann@example.com/eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
      query: `pin=9876&card=4111111111111111&x=1`,
      headers: new HeaderList(["X-Pin", "pin-7531"]),
      host: "h4111111111111111.example",
    });
    exchange.trail.push({ ...passed("policy", "trace", 1), detail: `pin-7531 and ${card}` });
    exchange.redacted = 1;
    const record = JSON.parse(createRecorder(options).encodeRecord(exchange, 1004)) as AuditRecord;
    assert.deepEqual(record.redacted, { query: 2, path: 3, details: 3 });
    assert.equal(record.host, "h[redacted].example");
    assert.equal(record.path, "/people/[redacted]/[redacted]");
    assert.equal(record.query, "pin=[redacted]&card=[redacted]&x=1");
    assert.equal(record.handovers.at(-1)?.detail, "[redacted] and [redacted]");
  });
});
