import assert from "node:assert/strict";
import { it } from "node:test";
import { sections } from "#model/policy-tree.ts";
import { catalogue } from "./catalogue.ts";
import { everyScope, outsideWorkspaces } from "./common.ts";

/** Where API Management's reference has its gateway policies: sections (Inbound, Backend, Outbound, on-Error) and scopes. */
const places: Readonly<Record<string, string>> = {
  "authentication-basic": "I all",
  "authentication-certificate": "I all",
  // The reference has inbound alone; documents in use fetch tokens for send-request in any section.
  "authentication-managed-identity": "IBOE GPAOp",
  "azure-openai-emit-token-metric": "I all",
  "azure-openai-semantic-cache-lookup": "I GPAOp once",
  "azure-openai-semantic-cache-store": "O GPAOp",
  "azure-openai-token-limit": "I all",
  "cache-lookup": "I all once",
  "cache-lookup-value": "IBOE all",
  "cache-remove-value": "IBOE all",
  "cache-store": "O all once",
  "cache-store-value": "IBOE all",
  "cache-value": "IBOE all",
  "check-header": "I all",
  choose: "IBOE all",
  cors: "I all once",
  "cross-domain": "I G",
  "emit-metric": "IBOE all",
  "find-and-replace": "IBOE all",
  "forward-request": "B all",
  "get-authorization-context": "I GPAOp",
  "include-fragment": "IBOE all",
  "invoke-dapr-binding": "IOE all",
  "ip-filter": "I all",
  "json-to-xml": "IOE all",
  jsonp: "O all once",
  "limit-concurrency": "IBOE all",
  "llm-content-safety": "IO all",
  "llm-emit-token-metric": "I all",
  "llm-semantic-cache-lookup": "I GPAOp once",
  "llm-semantic-cache-store": "O GPAOp",
  "llm-token-limit": "I all",
  "log-to-eventhub": "IBOE GPAOp",
  "mock-response": "IOE all",
  proxy: "I all",
  "publish-to-dapr": "IOE all",
  quota: "I P once",
  "quota-by-key": "I all",
  "rate-limit": "I PAOp once",
  "rate-limit-by-key": "I all",
  "redirect-content-urls": "IO all once",
  retry: "IBOE all",
  "return-response": "IBOE all",
  "rewrite-uri": "I all",
  "send-one-way-request": "IBOE all",
  "send-request": "IBOE all",
  "send-service-bus-message": "IOE all",
  "set-backend-service": "IB all",
  "set-body": "IBOE all",
  "set-header": "IBOE all",
  "set-method": "IE all",
  "set-query-parameter": "IB all",
  "set-status": "IBOE all",
  "set-variable": "IBOE all",
  trace: "IBOE all",
  "validate-azure-ad-token": "I all",
  "validate-client-certificate": "I all",
  "validate-content": "IOE all",
  "validate-graphql-request": "I all",
  "validate-headers": "OE all",
  "validate-jwt": "I all",
  "validate-odata-request": "I GWPA once",
  "validate-parameters": "I all once",
  "validate-status-code": "OE all",
  wait: "IBO all",
  "xml-to-json": "IOE all",
  "xsl-transform": "IO all",
};

const letters: Readonly<Record<string, string>> = {
  inbound: "I",
  backend: "B",
  outbound: "O",
  "on-error": "E",
  global: "G",
  workspace: "W",
  product: "P",
  api: "A",
  operation: "Op",
};

const spelled = (names: readonly string[]): string => names.map((name) => letters[name]).join("");

it("has every gateway policy of API Management, where it may stand there", () => {
  const own = new Set(["base", "set-url"]);
  const found = [...catalogue.values()]
    .filter(({ name, native }) => native !== true && !own.has(name))
    .map((spec) => {
      const { name, once } = spec;
      const scopes = spec.scopes.length === everyScope.length ? "all" : spelled(spec.scopes);
      const place = `${spelled(sections.filter((section) => spec.sections.includes(section)))} ${scopes}`;
      return [name, once === true ? `${place} once` : place] as const;
    });
  assert.deepEqual(Object.fromEntries(found.toSorted()), Object.fromEntries(Object.entries(places).toSorted()));
  assert.equal(spelled(outsideWorkspaces), "GPAOp");
});
