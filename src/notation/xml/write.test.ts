import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Argument, PolicyDocument, PolicyNode, Section, Value } from "#model/policy-tree.ts";
import { sections } from "#model/policy-tree.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import type { ArgumentSpec, PolicySpec } from "#notation/catalogue/spec.ts";
import { placeInXml } from "./place-in-xml.ts";
import { writeXmlPolicies } from "./write.ts";
import { readIn, readText } from "./xml-reading.test-helper.ts";

/** The same numbers in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

const texts = [
  "a",
  "",
  " ",
  "  lead",
  "trail \n",
  "a\r\nb\tc",
  "<b>&amp;</b>",
  "]]>",
  "{{name}}",
  "{{{x}}}",
  "@(1)",
  " @{ return 1; }",
  "a @(b)",
  "\"quoted\" 'too'",
  "ünï \u{1F600}",
  "a<b && c>d",
  "&#38;",
  "<!-- no -->",
  "<![CDATA[x]]>",
  "-->",
  "@",
  "=",
];

const sources = [
  "@(1)",
  '@("a" + b)',
  "@(a < b && c.As<string>() != null)",
  '@{\n    // it\'s\n    return "}";\n}',
  '@("&amp;")',
  "@(a && b)",
  "@('\"')",
  '@($"{a["x"]} {{}}")',
  "@(x)\t ",
  '@(@"C:\\")',
  '@(a ? "</value>" : "<!--")',
].map((source) => source.trim());

const at = { file: "t", line: 1, column: 1 };

function markup(name: string): string {
  const inner = "\n  <b>x</b>&amp;";
  if (!name.startsWith("xsl:")) return `<${name} a="&lt;">${inner}</${name}>`;
  const xsl = 'version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"';
  return `<${name} ${xsl} a="&lt;">\n<xsl:template match="/">${inner}</xsl:template></${name}>`;
}

class Generator {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  policy(spec: PolicySpec, depth: number): PolicyNode {
    for (let attempt = 0; attempt < 1000; attempt += 1) {
      const written = this.#arguments(spec.args, depth);
      const args = spec.fromXml?.(written) ?? written;
      const fits = spec.check?.(args) === undefined && spec.idleInXml?.(args) === undefined;
      if (fits) return { name: spec.name, ...(this.#chance(0.3) ? { id: this.#pick(texts) } : {}), at, args };
    }
    throw new Error(`no arguments found for ${spec.name}`);
  }

  #arguments(specs: Readonly<Record<string, ArgumentSpec>>, depth: number): Record<string, Argument> {
    const args: Record<string, Argument> = {};
    for (const [name, spec] of Object.entries(specs)) {
      if (placeInXml(name, spec) === null) {
        if (spec.default !== undefined) args[name] = { kind: "literal", value: spec.default };
      } else if (spec.required === true || isAlwaysThere(name, spec) || this.#chance(0.4)) {
        const argument = this.#argument(spec, depth);
        if (argument.kind !== "list" || argument.items.length > 0) args[name] = argument;
      } else if (spec.default !== undefined) args[name] = { kind: "literal", value: spec.default };
    }
    return args;
  }

  #argument(spec: ArgumentSpec, depth: number): Argument {
    switch (spec.type) {
      case "list": {
        const count = 1 + Math.floor(this.#next() * 3);
        return { kind: "list", items: Array.from({ length: count }, () => this.#argument(spec.items ?? spec, depth)) };
      }
      case "map":
        return { kind: "map", entries: this.#arguments(spec.entries ?? {}, depth) };
      case "policies":
        return { kind: "policies", policies: this.policies(spec.only, depth + 1) };
      default:
        return this.#value(spec);
    }
  }

  /** Deep inside none are chosen, but for what a request cannot be without. */
  policies(only: readonly string[] | undefined, depth: number): readonly PolicyNode[] {
    const allowed = [...catalogue.values()].filter(({ name, native, inside, sections: allowedSections, once }) =>
      only === undefined
        ? native !== true &&
          inside === undefined &&
          allowedSections.includes("inbound") &&
          name !== "base" &&
          once !== true &&
          name !== "quota" &&
          name !== "cross-domain" &&
          name !== "rate-limit"
        : only.includes(name),
    );
    const chosen = Array.from({ length: depth > 3 ? 0 : Math.floor(this.#next() * 3) }, () =>
      this.policy(this.#pick(allowed), depth),
    );
    const url = catalogue.get("set-url");
    return only?.includes("set-url") === true && url !== undefined ? [this.policy(url, depth), ...chosen] : chosen;
  }

  #value(spec: ArgumentSpec): Value {
    const open = (spec.expression === true && spec.xmlMarkup !== "outer") || spec.type === "condition";
    if (open && this.#chance(0.4)) {
      return { kind: "expression", expression: { language: "csharp", source: this.#pick(sources), at } };
    }
    return { kind: "literal", value: this.#literal(spec) };
  }

  #literal(spec: ArgumentSpec): string | number | boolean {
    const { min = 0, max = 1_000_000 } = spec;
    const whole = min + Math.floor(this.#next() * (Math.min(max, 1e9) - min));
    switch (spec.type) {
      case "boolean":
      case "condition":
        return this.#chance(0.5);
      case "enum":
        return this.#pick(spec.values ?? []);
      case "integer":
      case "duration":
      case "size":
        return whole;
      case "number":
        return Math.round(whole * 1000) / 1000;
      default:
        if (spec.xmlMarkup === "outer") return markup(markupName(spec));
        return this.#chance(0.2)
          ? this.#pick(["https://a.example/b", "/a", "10.0.0.1", "*", "X-Name"])
          : this.#pick(texts);
    }
  }

  #chance(share: number): boolean {
    return this.#next() < share;
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#next() * items.length)] as T;
  }
}

/** The first of the names that a piece of markup may have. */
function markupName({ xml = "" }: ArgumentSpec): string {
  return xml?.split("|")[0] ?? "";
}

/** What the reader makes of an element that is empty. */
function isAlwaysThere(name: string, spec: ArgumentSpec): boolean {
  const kind = placeInXml(name, spec)?.kind;
  return kind === "content" || kind === "policies";
}

function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === "at" ? undefined : member)) ?? "null");
}

/** Where a policy may be read without complaint about its place. */
function wrapped(node: PolicyNode, spec: PolicySpec): { readonly section: Section; readonly document: PolicyDocument } {
  const section = sections.find((one) => spec.sections.includes(one)) ?? "inbound";
  if (spec.inside === undefined) return { section, document: { [section]: [node] } };
  const outer: PolicyNode = {
    name: "send-request",
    at,
    args: {
      mode: { kind: "literal", value: "new" },
      responseVariable: { kind: "literal", value: "r" },
      timeout: { kind: "literal", value: 60_000 },
      ignoreError: { kind: "literal", value: false },
      policies: { kind: "policies", policies: [node] },
    },
  };
  return { section, document: { [section]: [outer] } };
}

describe("writeXmlPolicies", () => {
  const specs = [...catalogue.values()].filter(({ native, name }) => native !== true && name !== "base");
  for (const [index, spec] of specs.entries()) {
    it(`writes ${spec.name} so that it is read again`, () => {
      const generator = new Generator(index + 1);
      for (let round = 0; round < 60; round += 1) {
        const { document } = wrapped(generator.policy(spec, 0), spec);
        for (const form of ["xml", "rawxml"] as const) {
          const { text, problems } = writeXmlPolicies(document, form);
          assert.deepEqual(problems, []);
          const read = readText(text, null, { checkCsharp: () => undefined });
          assert.deepEqual(withoutPlaces(read.document), withoutPlaces(document), text);
          assert.deepEqual(
            read.found.filter((line) => !line.includes("policy-caution")),
            [],
            text,
          );
          assert.equal(writeXmlPolicies(read.document, form).text, text);
        }
      }
    });
  }

  it("writes as people write", () => {
    const { nodes } = readIn(
      "inbound",
      '<base/><set-header name="X-A" exists-action="override"><value>@(context.Variables["a"])</value></set-header><choose><when condition="@(a && b)"><set-body>{"a": 1}</set-body></when><otherwise/></choose>',
    );
    assert.equal(
      writeXmlPolicies({ inbound: nodes, outbound: [] }, "rawxml").text,
      `<policies>
    <inbound>
        <base />
        <set-header name="X-A">
            <value>@(context.Variables["a"])</value>
        </set-header>
        <choose>
            <when condition="@(a && b)">
                <set-body>{"a": 1}</set-body>
            </when>
            <otherwise />
        </choose>
    </inbound>
    <outbound />
</policies>
`,
    );
    assert.match(writeXmlPolicies({ inbound: nodes }, "xml").text, /condition="@\(a &amp;&amp; b\)"/);
  });

  it("says what API Management does not have, and writes no secret", () => {
    const say = (node: Omit<PolicyNode, "at">): readonly string[] =>
      writeXmlPolicies({ inbound: [{ ...node, at }] }, "rawxml").problems.map(({ message }) => message);
    const cel: Argument = { kind: "expression", expression: { language: "cel", source: "request.path", at } };
    assert.deepEqual(say({ name: "redirect", args: {} }), ["API Management has no policy redirect"]);
    assert.deepEqual(say({ name: "set-method", args: { method: cel } }), [
      "set-method cannot be written: its expression is CEL, and XML has C#",
    ]);
    assert.deepEqual(say({ name: "validate-jwt", args: { provider: { kind: "literal", value: "corp" } } }), [
      "validate-jwt: API Management has no provider",
    ]);
    const secret = { name: "set-body", args: { body: { kind: "literal", value: "s3cret", secret: true } as const } };
    assert.deepEqual(say(secret), ["set-body cannot be written: it is a secret"]);
    assert.doesNotMatch(writeXmlPolicies({ inbound: [{ ...secret, at }] }, "xml").text, /s3cret/);
    assert.deepEqual(say({ name: "set-body", args: { body: { kind: "literal", value: "\u0000" } } }), [
      "set-body cannot be written: it has characters that XML does not have",
    ]);
  });
});
