import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { type OtlpReceiver, startOtlpReceiver } from "#test/support/otlp-receiver.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { type InsightsIngestion, startInsightsIngestion } from "#test/support/insights-ingestion.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { exchangeRaw } from "./raw-client.ts";
import { filesIn, findSecrets } from "./secret-search.ts";

const seed = Number(process.env["SALLYPORT_SEED"] ?? 20_261_127);
const rounds = 12;
/** Fields that a diagnostic asks for. */
const toldFields = "Authorization, Cookie, X-National-Id, X-Note, X-Reply-Secret, Ocp-Apim-Subscription-Key, Host";
const key = "sp_key_5b1c7e9d3f2a4c6e8b0d1f3a5c7e9b2d";

/** Mulberry32: the same secrets in each run of a seed. */
function randomOf(state: number): () => number {
  let next = state >>> 0;
  return () => {
    next = (next + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(next ^ (next >>> 15), next | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Whatever a client plants, and wherever: nothing of it is in anything that the gateway has written. */
describe("redaction", () => {
  const random = randomOf(seed);
  const planted: Record<string, string> = {};
  let upstream: TestUpstream;
  let receiver: OtlpReceiver;
  /** What leaves the machine is held to the same. */
  let ingestion: InsightsIngestion;
  let gateway: TestGateway;
  let debugToken = "";

  before(async () => {
    upstream = await startUpstream((request, response) => {
      response.setHeader("x-reply-secret", String(request.headers["x-reply"] ?? "none"));
      request.pipe(response);
    });
    receiver = await startOtlpReceiver();
    ingestion = await startInsightsIngestion();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
telemetry: { otlp: { endpoint: "${receiver.url}", ratio: 1, interval: 1s } }
logs: { access: { to: file }, operational: {} }
loggers: { insights: { applicationInsights: { connectionString: { env: INSIGHTS } } } }
diagnostics: { applicationInsights: { loggerId: insights, verbosity: verbose, logClientIp: true, frontend: &pair { request: &all { headers: [${toldFields}], body: { bytes: 8192 } }, response: *all }, backend: *pair } }
audit:
  redact:
    headers: [X-National-Id, X-Reply-Secret]
    query: [pin]
    body: ["**.password", card.holder]
    patterns: [card-number, email, "TCK-[0-9a-f]{12}"]
apis:
  told:
    path: /told
    backend: up
    access: public
    policies: ./told.xml
  limited:
    path: /limited
    backend: up
    access: public
    policies: { inbound: [base, { rate-limit-by-key: { calls: 1, period: 60s, key: "\${request.headers['x-national-id']}" } }, { check-header: { name: X-National-Id, values: [other] } }] }
  changed: { path: /changed, backend: up, access: public, policies: ./changed.xml }
  keyed: { path: /keyed, backend: up }
  streamed: { path: /streamed, backend: up, access: public }
backends: { up: { url: "${upstream.url}" } }
products: { basic: { apis: [keyed], subscription: key } }
subscriptions: { one: { product: basic, key: { env: TEST_KEY } } }
`,
      files: {
        "changed.xml": `<policies><inbound><base /><set-variable name="was" value="@(context.Request.Body.As<string>(true))" />
<set-body>{"n":1}</set-body><trace source="test" severity="information"><message>@("changed " + (string)context.Variables["was"])</message></trace></inbound><backend><base /></backend>
<outbound><base /><set-variable name="was" value="@(context.Response.Headers.GetValueOrDefault(&quot;X-Reply-Secret&quot;, &quot;&quot;))" /><set-header name="X-Reply-Secret" exists-action="delete" />
<trace source="test" severity="information"><message>@("taken off " + (string)context.Variables["was"])</message></trace></outbound><on-error><base /></on-error></policies>`,
        "told.xml": `<policies><inbound><base />
<set-variable name="all" value="@(context.Request.Body.As<string>(true) + context.Request.OriginalUrl + context.Request.Headers.GetValueOrDefault(&quot;X-National-Id&quot;, &quot;&quot;))" />
<trace source="test" severity="information"><message>@("told " + (string)context.Variables["all"] + context.Request.Headers.GetValueOrDefault("Cookie", "") + context.Request.Headers.GetValueOrDefault("Authorization", ""))</message>
<metadata name="note" value="@(context.Request.Headers.GetValueOrDefault(&quot;X-Note&quot;, &quot;&quot;))" /></trace></inbound><backend><base /></backend>
<outbound><base /><trace source="test" severity="error"><message>@("reply " + context.Response.Headers.GetValueOrDefault("X-Reply-Secret", "") + context.Response.Body.As<string>(true))</message></trace></outbound><on-error><base /></on-error></policies>`,
      },
      env: { TEST_KEY: key, INSIGHTS: `InstrumentationKey=${ingestion.key};IngestionEndpoint=${ingestion.url}` },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
    await receiver.close();
    await ingestion.close();
  });

  const hex = (length: number): string => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
  const plant = (what: string, value: string): string => (planted[`${what} ${Object.keys(planted).length}`] = value);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;

  /** With a right check digit. */
  function card(): string {
    const digits = `4${Array.from({ length: 14 }, () => Math.floor(random() * 10)).join("")}`;
    const sum = [...digits].reduce((all, one, at) => {
      const weight = Number(one) * (at % 2 === 0 ? 2 : 1);
      return all + (weight > 9 ? weight - 9 : weight);
    }, 0);
    return `${digits}${(10 - (sum % 10)) % 10}`;
  }
  const grouped = (number: string): string => number.replaceAll(/(\d{4})(?=\d)/g, pick(["$1 ", "$1-", "$1"]));
  const token = (): string => {
    const header = Buffer.from('{"alg":"HS256"}').toString("base64url");
    return `${header}.${Buffer.from(`{"sub":"${hex(12)}"}`).toString("base64url")}.${hex(43)}`;
  };

  async function round(): Promise<void> {
    const email = (): string => plant("email", `u${hex(10)}@mail.example`);
    const number = plant("card", grouped(card()));
    const ticket = plant("ticket", `TCK-${hex(12)}`);
    const password = plant("password", hex(16));
    const headers = {
      "x-national-id": plant("header", `id-${hex(12)}`),
      "x-note": `${ticket} ${number} ${email()}`,
      "x-reply": plant("reply", hex(14)),
      cookie: `session=${plant("cookie", hex(24))}; theme=dark`,
      authorization: `Bearer ${plant("token", token())}`,
      "content-type": "application/json",
      traceparent: `00-${hex(31)}1-${hex(15)}1-01`,
      tracestate: `vendor=${ticket}`,
    };
    const query = new URLSearchParams({
      pin: plant("pin", hex(8)),
      access_token: plant("access token", hex(20)),
      mail: email(),
      card: plant("card", card()),
      "subscription-key": plant("key", `sp_${hex(32)}`),
    });
    const path = pick([
      `/${encodeURIComponent(email())}`,
      `/${plant("card", card())}/x`,
      `/${ticket}`,
      `/${plant("token", token())}`,
    ]);
    const body = JSON.stringify({
      login: [{ password }],
      card: { number, holder: plant("holder", `Mx ${hex(8)}`) },
      email: email(),
    });
    const form = new URLSearchParams({ password: plant("form", `pass-${hex(8)}`), note: ticket }).toString();
    const secret = plant("escaped", hex(8));
    const escaped = `{"password":"\\u00fc\\/${secret}","password":${plant("number", `9${card()}${card()}`)}}`;
    const basic = `Basic ${plant("basic", Buffer.from(`ann:${hex(12)}`).toString("base64"))}`;
    const [passing, shown] = [new URLSearchParams(query), { ...headers, authorization: basic }];
    passing.delete("subscription-key");
    const parts = `--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n${plant("part", hex(16))}\r\n--b--\r\n`;
    passing.set("next", `https://a.example/b?access_token=${plant("inner", hex(20))}`);
    passing.set("user[pin]", plant("bracket", hex(8)));
    passing.set("again", encodeURIComponent(email()));
    // Traced whole, which is for operators to read in memory and for nobody to write.
    const debugged = { ...shown, "apim-debug-authorization": debugToken };
    const traced = await call(gateway, `/changed?${passing}`, { method: "POST", headers: debugged, body });
    assert.match(String(traced.headers["apim-trace-id"]), /^[\da-f-]{36}$/);
    for (const sent of [
      body,
      form,
      escaped,
      `password=%FC+${secret}`,
      parts,
      `{"m":"${email().replace("@", "\\u0040")}"}`,
    ]) {
      await call(gateway, "/changed", { method: "POST", headers: shown, body });
      for (const api of ["/told", "/streamed"]) {
        const asked = `${api}${path}?${passing}`;
        const { status } = await call(gateway, asked, { method: "POST", headers: shown, body: sent });
        assert.equal(status, 200);
      }
    }
    for (const api of ["/told", "/limited", "/keyed", "/nowhere"]) {
      await call(gateway, `${api}${path}?${query}`, { method: "POST", headers, body });
      await call(gateway, `${api}${path}?${query}`, { method: "POST", headers, body: form });
      await call(gateway, `${api}${path}`, { headers: { ...headers, "ocp-apim-subscription-key": `sp_${password}` } });
    }
    const userinfo = plant("userinfo", hex(12));
    await exchangeRaw(
      gateway,
      `GET http://ann:${userinfo}@localhost/told${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      2000,
    );
    await exchangeRaw(gateway, `GET /told${path}\u0001 HTTP/1.1\r\nHost: localhost\r\n\r\n`, 2000);
  }

  it(`finds nothing of what was planted (seed ${seed})`, async () => {
    const issued = (await askAdmin(gateway, "POST /debug-tokens")).json();
    debugToken = plant("debug token", String(issued["token"]));
    for (let turn = 0; turn < rounds; turn += 1) await round();
    await sleep(400);
    for (let tries = 0; tries < 60 && receiver.spans.length < 100; tries += 1) await sleep(50);
    assert.ok(receiver.spans.some(({ attributes }) => attributes["url.full"] !== undefined));
    const spans = JSON.stringify(receiver.spans);
    const told = (): readonly string[] => ingestion.items.map((item) => JSON.stringify(item));
    for (let tries = 0; tries < 60 && told().length < rounds * 20; tries += 1) await sleep(50);
    const items = told().join("\n");
    const places = new Map([
      ...filesIn(gateway.data, "data"),
      ["output", gateway.output()],
      ["spans", spans],
      ["insights", items],
    ]);
    const all = [...places.values()].join("\n");
    const output = gateway.output();
    assert.ok(output.includes("told {") && output.includes("reply [redacted]"), "the traces were written");
    assert.ok(output.includes("changed {") && output.includes("taken off [redacted]"), "of what was changed too");
    assert.ok(/"redacted":\{"query":[1-9]\d*,"path":[1-9],"details":[1-9]/.test(all), "what was taken out is counted");
    assert.ok(Object.keys(planted).length > rounds * 12);
    assert.deepEqual(findSecrets(places, planted), []);
  });
});
