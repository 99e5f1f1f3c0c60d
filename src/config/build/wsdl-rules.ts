import type { Api } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ApiInput } from "#config/table/api.ts";
import { nodesIn } from "./nodes-in.ts";
import { asksForWsdl } from "./schemas.ts";

/** What an API's own policies hold against its WSDL would be refused where it has none. */
export function checkWsdlRules(apis: readonly Api[], inputs: readonly Named<ApiInput>[], problems: Problems): void {
  const without = new Set(inputs.filter(({ value }) => value.wsdl === undefined).map(({ name }) => name));
  for (const { name, at, policies, operations } of apis) {
    if (!without.has(name)) continue;
    const documents = [policies, ...operations.map((operation) => operation.policies)];
    const node = documents.flatMap(nodesIn).find((one) => asksForWsdl(one.name, one.args));
    if (node === undefined) continue;
    const message = `validate-content holds XML or SOAP to the schemas of ${name} itself, and it has none`;
    problems.error("key-missing", at, message, "write wsdl: ./<name>.wsdl of the API, or name a schemaId");
  }
}
