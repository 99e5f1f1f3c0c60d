import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { html } from "./html.ts";

describe("html", () => {
  it("escapes values for text and for quoted attributes", () => {
    const value = `<script>"'\`&`;
    assert.equal(html`<a title="${value}">${value}</a>`.text.match(/<script|"'|[^=]`/), null);
    assert.equal(html`${value}`.text, "&lt;script&gt;&quot;&#39;&#96;&amp;");
  });

  it("puts pieces of HTML into each other, lists of them too, and nothing for null", () => {
    const items = ["a", "<b>"].map((item) => html`<li>${item}</li>`);
    const list = html`<ul>
        ${items}
      </ul>
      ${null}${3}`;
    assert.equal(list.text.replaceAll(/\s/g, ""), "<ul><li>a</li><li>&lt;b&gt;</li></ul>3");
  });
});
