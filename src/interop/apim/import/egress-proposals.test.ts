import assert from "node:assert/strict";
import { it } from "node:test";
import { importFolder } from "./import-folder.ts";

const policy = `<policies>
  <inbound>
    <base />
    <set-backend-service base-url="@("https://a.example.com:8443/" + context.Request.MatchedParameters["x"])" />
    <set-backend-service base-url="https://fixed.example.com" />
    <send-request mode="new" response-variable-name="r">
      <set-url>@($"https://{{vault}}.vault.example/secrets/{context.Request.Id}")</set-url>
    </send-request>
    <send-one-way-request><set-url>@((string)context.Variables["url"])</set-url></send-one-way-request>
    <set-url>@("https://" + context.Variables["host"])</set-url>
    <!-- <set-url>@("https://commented.example")</set-url> -->
  </inbound>
</policies>`;

it("destinations that policies compute are proposed for egress.allow, by what is written of their host", () => {
  const texts = new Map([
    ["policy.xml", policy],
    [
      "named values/vault/namedValueInformation.json",
      JSON.stringify({ properties: { displayName: "vault", value: "v1" } }),
    ],
  ]);
  const configurations = new Map([
    ["dev", "namedValues: [{ name: vault, properties: { value: v2 } }]"],
    ["prod", "{}"],
  ]);
  const { report } = importFolder({ folder: "in", texts, configurations, unread: new Map() }, {}, []);
  assert.deepEqual(report.egress, [
    { from: "policy.xml:4", allow: ["https://a.example.com:8443"] },
    { from: "policy.xml:7", allow: ["https://v2.vault.example", "https://v1.vault.example"] },
    { from: "policy.xml:9", allow: [] },
    { from: "policy.xml:10", allow: [] },
  ]);
});
