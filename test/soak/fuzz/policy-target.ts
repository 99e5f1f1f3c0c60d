import { isDeepStrictEqual } from "node:util";
import type { PolicyDocument } from "#model/policy-tree.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { endOfExpression } from "#notation/csharp/syntax/end-of-expression.ts";
import { NamedValues } from "#notation/named-values.ts";
import { Problems } from "#notation/problems.ts";
import { readXmlPolicies } from "#notation/xml/policies.ts";
import { scanXml } from "#notation/xml/scan.ts";
import { writeXmlPolicies } from "#notation/xml/write.ts";
import type { Dice } from "#test/soak/support.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";

/** Far above what any of the texts needs: what takes longer grows with something that it should not grow with. */
const mostMs = 2000;

const seeds: readonly string[] = [
  `<policies>
    <inbound>
        <base />
        <set-variable name="a" value="@(context.Variables["b"] as JObject)" />
        <choose>
            <when condition="@(context.Request.Headers.GetValueOrDefault("x", "") == "}" && 1 < 2)">
                <return-response><set-status code="401" reason="no" /><set-body>@{ return "<a>" + '"'; /* " */ }</set-body></return-response>
            </when>
            <otherwise><!-- a -- b --><set-header name="X-A" exists-action="append"><value> {{n}} </value><value>@($"{a["x"]}")</value></set-header></otherwise>
        </choose>
    </inbound>
    <backend><forward-request timeout="20" /></backend>
</policies>`,
  `\ufeff<?xml version="1.0"?>\r\n<policies>\r\n<inbound><set-body template="liquid"><a b="&lt;">{{body.x}}</a><![CDATA[@(1)]]></set-body>
<cors allow-credentials="true"><allowed-origins><origin>https://a</origin></allowed-origins></cors>
<validate-jwt header-name="Authorization"><openid-config url="https://a" /><audiences><audience>b</audience></audiences></validate-jwt>
<retry condition="@(x &amp;&amp; y &lt; 3)" count="3" interval="1"><send-request mode="new" response-variable-name="r"><set-url>@("https://a")</set-url></send-request></retry>
</inbound><outbound><find-and-replace from="&quot;a" to='"' id="&#123;{n}}" /></outbound></policies>`,
];

const pieces: readonly string[] = [
  ..."<>/=\"'&;@(){}$!-[]#\\".split(""),
  "@(",
  "@{",
  '$"{',
  '@"',
  "//",
  "/*",
  "*/",
  '""',
  "'\"'",
  "{{n}}",
  "{{",
  "}}",
  "${x}",
  "{x}",
  "<!--",
  "-->",
  "<![CDATA[",
  "]]>",
  "<?",
  "?>",
  "<!DOCTYPE a [<!ENTITY b 'c'>]>",
  "&b;",
  "&amp;",
  "&#0;",
  "&#x41;",
  "&#xD800;",
  "<a>",
  "</a>",
  "<a/>",
  "<base/>",
  "</inbound>",
  "</policies>",
  "<policies>",
  "<fragment>",
  "\0",
  "\r",
  "\n",
  "\t",
  "\ufeff",
  "\u2028",
  "é",
  "\ud800",
  "x".repeat(300),
  "<a>".repeat(100),
  "@(".repeat(100),
  '$"{'.repeat(100),
];

/** Policy documents of API Management. */
export function policyTarget(): Target {
  const tally = { refused: 0, read: 0 };
  return {
    name: "policy",
    lanes: 1,
    tally,
    close: async () => {},
    run: (dice: Dice) => {
      const input = mutate(seeds, pieces, dice);
      const begun = performance.now();
      const problem = problemOf(input, tally);
      const ms = performance.now() - begun;
      if (problem !== null) return { problem, input };
      return ms > mostMs ? { problem: `it took ${Math.round(ms)} ms`, input } : null;
    },
  };
}

function problemOf(input: string, tally: { refused: number; read: number }): string | null {
  try {
    return check(input, tally);
  } catch (error) {
    return `it threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function check(input: string, tally: { refused: number; read: number }): string | null {
  const first = read(input);
  const lines = input.split("\n");
  for (const { at } of first.problems) {
    const line = lines[at.line - 1];
    if (line === undefined || at.column < 1 || at.column > line.length + 2)
      return `a problem at ${at.line}:${at.column}`;
  }
  const errors = first.problems.filter(({ severity, code }) => severity === "error" && code !== "policy-unsupported");
  if (first.document === null || errors.length > 0) {
    tally.refused += 1;
    return errors.length > 0 ? null : "a document that is not read, and no error";
  }
  tally.read += 1;
  const { text, problems } = writeXmlPolicies(first.document, "rawxml");
  if (problems.length > 0) return `it is read and cannot be written: ${problems[0]?.message}`;
  const second = read(text);
  return isDeepStrictEqual(withoutPlaces(second.document), withoutPlaces(first.document))
    ? null
    : `what is written is read as another tree:\n${text}`;
}

function read(text: string): { document: PolicyDocument | null; problems: ReturnType<Problems["sorted"]> } {
  const problems = new Problems();
  const document = scanXml("p.xml", text, problems);
  if (document === null) return { document: null, problems: problems.sorted() };
  const checkCsharp = (source: string) => {
    const found = endOfExpression(source, 0);
    return found.ok && found.end === source.length ? undefined : { message: "no", offset: 0 };
  };
  const reading = {
    problems,
    catalogue,
    values: new NamedValues(new Map([["n", { secret: false, value: "v", text: "v" }]])),
    checkCsharp,
    onArgument: () => undefined,
    fragments: null,
    open: false,
  };
  return { document: readXmlPolicies(reading, document, null), problems: problems.sorted() };
}

function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === "at" ? undefined : member)) ?? "null");
}
