import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { BodyRoom } from "#policy/body-room.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policy, portsWith, respondingWith, start } from "#policy/policy.test-helper.ts";
import { localTransforms } from "#policy/transforms/local.ts";
import type { Transforms } from "#policy/transforms/transforms.ts";

const xsl = (inside: string): string =>
  `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">${inside}</xsl:stylesheet>`;
const asText = '<xsl:output method="text"/>';
const hello = `<xsl:param name="who"/><xsl:template match="/"><hi who="{$who}"><xsl:value-of select="a"/></hi></xsl:template>`;

const transforming = (args: Parameters<typeof policy>[1]): ReturnType<typeof policy> =>
  policy("xsl-transform", { stylesheet: xsl(hello), ...args });

const sending = (body: string, type = "text/xml"): Exchange => {
  const exchange = exchangeFor(["Content-Type", type]);
  exchange.request.body = Buffer.from(body);
  return exchange;
};

async function transform(
  node: ReturnType<typeof policy>,
  exchange: Exchange,
  transforms: Transforms = localTransforms,
  bodies = new BodyRoom(10_000, 100_000),
): Promise<readonly unknown[]> {
  const outcome = await start([node], exchange, { ports: portsWith({ transforms, bodies }) });
  if (outcome !== undefined) return [outcome.kind === "refusal" ? outcome.reason : outcome.kind];
  return [exchange.request.headers.get("content-type"), String(exchange.request.body)];
}

describe("xsl-transform", () => {
  it("makes another body of the request's, with parameters written or computed", async () => {
    const parameters = [{ name: "who", value: cel("request.method") }];
    assert.deepEqual(await transform(transforming({ parameters }), sending("<a>x</a>")), [
      "text/xml; charset=utf-8",
      '<?xml version="1.0" encoding="utf-8"?><hi who="GET">x</hi>',
    ]);
    const said = `<xsl-transform><parameter name="who">me</parameter>${xsl(hello)}</xsl-transform>`;
    assert.match(String((await transform(policyFromXml("inbound", said), sending("<a>x</a>")))[1]), /who="me"/);
  });

  it("makes another body of the response's in outbound", async () => {
    const exchange = respondingWith("text/xml", "<a>x</a>");
    const node = transforming({
      stylesheet: xsl(`${asText}<xsl:template match="/">[<xsl:value-of select="a"/>]</xsl:template>`),
    });
    assert.equal(await start([node], exchange, { section: "outbound", ports: portsWith() }), undefined);
    assert.equal(String(exchange.response?.body), "[x]");
  });

  it("says the media type of its output, else that of the message, else what fits the method", async () => {
    const typeOf = async (output: string, sent: string): Promise<unknown> => {
      const exchange = sending("<a/>", sent);
      if (sent === "") exchange.request.headers.delete("content-type");
      return (
        await transform(
          transforming({ stylesheet: xsl(`${output}<xsl:template match="/"><b/></xsl:template>`) }),
          exchange,
        )
      )[0];
    };
    assert.equal(await typeOf('<xsl:output media-type="text/csv"/>', "text/xml"), "text/csv; charset=utf-8");
    assert.equal(await typeOf(asText, "text/xml; charset=us-ascii"), "text/xml; charset=utf-8");
    assert.equal(await typeOf(asText, ""), "text/plain; charset=utf-8");
    assert.equal(await typeOf('<xsl:output method="html"/>', ""), "text/html; charset=utf-8");
    assert.equal(await typeOf("", ""), "application/xml; charset=utf-8");
  });

  it("leaves a message without a body alone", async () => {
    const exchange = exchangeFor();
    assert.deepEqual(await transform(transforming({}), exchange), [undefined, "undefined"]);
  });

  it("refuses what is no XML, and a result that is larger than a body may be", async () => {
    assert.deepEqual(await transform(transforming({}), sending("{}")), ["expression-failed"]);
    const long = transforming({
      stylesheet: xsl(`${asText}<xsl:template match="/">${"é".repeat(80)}</xsl:template>`),
    });
    assert.deepEqual(await transform(long, sending("<a/>"), localTransforms, new BodyRoom(100, 1000)), [
      "expression-failed",
    ]);
  });

  it("has long bodies transformed beside this thread, to the same end", async () => {
    const asked: string[] = [];
    const beside: Transforms = {
      fromBytes: 8,
      run: (name, request, bytes, asset) => {
        asked.push(`${name} ${bytes}`);
        return localTransforms.run(name, structuredClone(request), bytes, structuredClone(asset));
      },
    };
    const short = await transform(transforming({}), sending("<a></a>"), beside);
    assert.deepEqual(asked, []);
    assert.deepEqual(
      await transform(transforming({}), sending("<a >x</a>"), beside),
      await transform(transforming({}), sending("<a >x</a>")),
    );
    assert.deepEqual([asked, short.length], [["xsl-transform 9"], 2]);
  });

  it("needs a stylesheet that is one, names for its parameters, and does not stand in on-error", () => {
    assert.match(problemsOfXml("inbound", "<xsl-transform />").join(), /stylesheet/);
    assert.match(
      problemsOfXml("inbound", `<xsl-transform>${xsl("<xsl:nonsense/>")}</xsl-transform>`).join(),
      /nonsense/,
    );
    assert.match(
      problemsOfXml("inbound", `<xsl-transform><parameter>x</parameter>${xsl("")}</xsl-transform>`).join(),
      /name/,
    );
    assert.match(problemsOfXml("on-error", `<xsl-transform>${xsl("")}</xsl-transform>`).join(), /on-error/);
  });
});
