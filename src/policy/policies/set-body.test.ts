import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { BodyRoom } from "#policy/body-room.ts";
import {
  asUser,
  cel,
  exchangeFor,
  policies,
  policy,
  portsWith,
  run,
  start,
  template as textWith,
} from "#policy/policy.test-helper.ts";

type Args = Parameters<typeof policy>[1];

const ports = portsWith({ bodies: new BodyRoom(100_000, 1_000_000) });

function responding(type: string, body: string): Exchange {
  const exchange = exchangeFor(["Accept", "a", "accept", "b"]);
  exchange.response = new ResponseDraft(
    201,
    "Created",
    new HeaderList(["Content-Type", type]),
    Buffer.from(body),
    "upstream",
  );
  return exchange;
}

async function liquid(exchange: Exchange, body: string, more: Args = {}): Promise<string> {
  const node = policy("set-body", { template: "liquid", body, ...more });
  const outcome = await start([node], exchange, { section: "outbound", ports });
  return outcome?.kind === "refusal" ? `${outcome.reason} ${outcome.detail}` : String(exchange.response?.body);
}

const json = (value: unknown): Exchange => responding("application/json; charset=utf-8", JSON.stringify(value));
const xml = (text: string): Exchange => responding("text/xml", text);

describe("set-body with Liquid", () => {
  it("sees a body in JSON", async () => {
    const body = { id: 7, on: true, none: null, items: [{ sku: "a" }, { sku: "b" }], constructor: "own", price: 1.5 };
    const template = `{{ body.id }}{{body.none}}{{body.missing.deep}} {% for i in body.items %}{{ i.sku }}{% unless forloop.last %},{% endunless %}{% endfor %} {{body.items[1].sku}} {{body.on}} {{ body.constructor }} {{body.price}} {{body.items.size}}`;
    assert.equal(await liquid(json(body), template), "7 a,b b true own 1.5 2");
    assert.equal(await liquid(json({ a: 1 }), "[{{ body.toString }}{{ body.__proto__ }}{{ body.A }}]"), "[]");
  });

  it("has control of white space, conditions, captures and raw text", async () => {
    const template = `{%- assign who = body.who | Default: "nobody" -%}
      {%- capture hi %}Hi {{ who }}{% endcapture -%}
      {%- if body.n > 2 and hi contains "Hi" %}{{ hi | Upcase }}{% elsif body.n %}few{% else %}none{% endif -%}
      {%- case body.kind %}{% when "a", "b" %} ab{% else %} other{% endcase -%}
      {%- comment %}gone{% endcomment %}{% raw %} {{ raw }}{% endraw -%}{% cycle "x", "y" %}`;
    assert.equal(await liquid(json({ n: 3, kind: "b" }), template), "HI NOBODY ab {{ raw }}x");
    assert.equal(await liquid(json({ who: "Ada", n: 1 }), template), "few other {{ raw }}x");
  });

  it("turns texts like dates into dates, unless it is told not to", async () => {
    const body = { at: "2026-03-01T14:05:09.25Z", east: "2026-03-01T01:30:00+02:00", day: "2026-03-01" };
    const template =
      "{{body.at}}|{{body.east}}|{{body.day}}|{{ body.at | Date: \"yyyy-MM-dd hh:mm tt K ff 'at' dddd\" }}";
    assert.equal(
      await liquid(json(body), template),
      "03/01/2026 14:05:09|02/28/2026 23:30:00|2026-03-01|2026-03-01 02:05 PM Z 25 at Sunday",
    );
    assert.equal(await liquid(json(body), "{{body.at}}", { parseDate: false }), "2026-03-01T14:05:09.25Z");
    assert.equal(await liquid(json(body), '{{ "now" | Date: "o" }}'), "2026-01-02T00:00:00.0000000Z");
  });

  it("sees a body in XML: no prefixes, any case, repeated elements as lists", async () => {
    const text = `<?xml version="1.0"?><soap:Envelope xmlns:soap="s" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body><GetOrder id="9">
      <Line>a &amp; b</Line><Line><![CDATA[<c>]]></Line><Note xsi:nil="true"/><Empty/></GetOrder></soap:Body></soap:Envelope>`;
    const template =
      '{% assign o = body.envelope.body.GetOrder %}{{o.id}} {{o.Line | Join: "+"}} [{{o.Note}}{{o.Empty}}] {% if o.Note == nil %}nil{% else %}blank{% endif %}';
    assert.equal(await liquid(xml(text), template), "9 a & b+<c> [] blank");
    assert.equal(await liquid(xml(text), template, { xsiNil: "null" }), "9 a & b+<c> [] nil");
  });

  it("sees the context", async () => {
    const exchange = json({});
    exchange.setVariable("user", new Map<string, unknown>([["roles", ["a", 2n]]]));
    exchange.setVariable("n", 4n);
    const template = `{{context.Request.Method}} {{ context.Request.OriginalUrl }} {{context.Request.OriginalUrl.Host}} {{context.Request.Url.Query.a}} {{ context.Request.Headers["ACCEPT"] }} {{context.Response.StatusCode}} {{context.Variables["user"].roles | Join: "-"}} {{ context.Variables.n | Plus: 1 }} {% for h in context.Response.Headers %}{{h.Key}}={{h.Value}}{% endfor %} {{context.Product.Name}}.`;
    assert.equal(
      await liquid(exchange, template),
      "GET https://api.example.com/orders/7?a=1&a=2&b=x%20y api.example.com 1,2 a,b 201 a-2 5 Content-Type=application/json; charset=utf-8 .",
    );
  });

  it("sees nothing of other bodies, and changes the request in inbound", async () => {
    assert.equal(await liquid(responding("text/plain", '{"a":1}'), "[{{ body.a }}]"), "[]");
    const exchange = exchangeFor(["Content-Type", "application/vnd.x+json"]);
    exchange.request.body = Buffer.from('{"a":"ä"}');
    run(policy("set-body", { template: "liquid", body: "<a>{{ body.a | Escape }}</a>" }), exchange, { ports });
    assert.equal(String(exchange.request.body), "<a>ä</a>");
  });

  it("makes the body of an answer, without one to look into", () => {
    const exchange = exchangeFor(["Content-Type", "application/json"]);
    exchange.request.body = Buffer.from('{"a":1}');
    const inside = policy("set-body", { template: "liquid", body: "{{ context.Request.Method }}[{{ body.a }}]" });
    const outcome = run(policy("return-response", { policies: policies(inside) }), exchange, { ports });
    assert.equal(outcome?.kind === "answer" && String(outcome.body), "GET[]");
  });

  it("fails for what is no JSON or XML, and tells nothing of it", async () => {
    assert.match(
      await liquid(responding("application/json", "secret"), "{{body.a}}"),
      /^expression-failed .* is no JSON$/,
    );
    assert.match(await liquid(xml("<a><b></a>"), "{{body.a}}"), /no well-formed XML$/);
    assert.match(await liquid(xml('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'), "{{body.a}}"), /document type/);
    assert.match(await liquid(xml("<a>".repeat(300)), "{{body.a}}"), /256 deep/);
    assert.match(await liquid(json({ n: "secret" }), "{{ body.n | DividedBy: 0 }}"), /cannot be rendered/);
  });

  it("is bounded in time and memory, whatever the body says", async () => {
    const big = { s: "x".repeat(50_000), list: Array.from({ length: 5000 }, () => 1) };
    for (const template of [
      "{% for i in body.list %}{{ body.s }}{% endfor %}",
      "{% capture c %}{% for i in body.list %}{{ body.s }}{% endfor %}{% endcapture %}",
      "{{ body.s | Replace: 'x', body.s }}",
      "{{ body.list | Join: body.s }}",
      "{% assign s = body.s %}{% for i in (1..60) %}{% assign s = s | Append: s %}{% endfor %}",
      "{% for i in (1..1000000000) %}{% endfor %}",
      "{% for a in body.list %}{% for b in body.list %}{% for c in body.list %}{% endfor %}{% endfor %}{% endfor %}",
    ]) {
      assert.match(await liquid(json(big), template), /^expression-failed/, template);
    }
  });
});

const text = (source: string): string => {
  const exchange = asUser(exchangeFor(), { claims: { a: [1, { b: null }] } });
  run(policy("set-body", { body: cel(source) }), exchange);
  return String(exchange.request.body);
};

describe("set-body", () => {
  it("sets the request's body, without the encoding that described the old one", () => {
    const exchange = asUser(exchangeFor(["Content-Encoding", "gzip", "Content-Type", "text/plain"]));
    run(policy("set-body", { body: textWith('{"u":"', "principal.id", '"}') }), exchange);
    assert.equal(String(exchange.request.body), '{"u":"i|t|ada"}');
    assert.deepEqual(exchange.request.headers.raw, ["Content-Type", "text/plain"]);
    assert.equal(exchange.facts.headers.has("content-encoding"), true);
  });

  it("sets the response's body and cancels the stream it replaces", () => {
    let cancelled = 0;
    const body = { length: 9, start() {}, pause() {}, resume() {}, cancel: () => (cancelled += 1) };
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(200, "", new HeaderList(["Content-Encoding", "br"]), body, "upstream");
    run(policy("set-body", { body: "new" }), exchange, { section: "outbound" });
    assert.equal(String(exchange.response.body), "new");
    assert.equal(exchange.response.headers.has("content-encoding"), false);
    assert.equal(cancelled, 1);
  });

  it("writes null as nothing, lists and maps as JSON", () => {
    assert.equal(text("null"), "");
    assert.equal(text("principal.claims"), '{"a":[1,{"b":null}]}');
    assert.equal(text("[1, 2]"), "[1,2]");
  });
});
