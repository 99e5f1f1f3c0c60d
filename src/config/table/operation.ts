import type { Access } from "#model/definition.ts";
import type { PolicyDocument } from "#model/policy-tree.ts";
import { type OperationTemplate, parseOperationTemplate } from "#notation/operation-template.ts";
import { parseMethod } from "#config/checks/words.ts";
import { access } from "#config/shapes/access.ts";
import { fixed } from "#config/shapes/fixed.ts";
import { clientCertificate } from "#config/shapes/client-certificate.ts";
import { size } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { policies } from "#config/shapes/policies.ts";
import { type Located, located, withFallback } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";
import { type DiagnosticsInput, diagnosticsShape } from "./diagnostics.ts";
import { type HandlerInput, handlerFields } from "./handler.ts";
import { type ShadowInput, shadowShape } from "./shadow.ts";
import { upgradesField } from "./upgrades.ts";
import { maxBodySize } from "./limits.ts";

export interface OperationInput extends HandlerInput {
  /** Empty when it could not be read, as the path. */
  readonly method: Located<string> | undefined;
  readonly path: Located<OperationTemplate> | undefined;
  readonly displayName: string | undefined;
  readonly access: Access;
  readonly clientCertificate: "require" | "request" | undefined;
  readonly bodySize: number | undefined;
  readonly upgrades: readonly string[] | undefined;
  readonly diagnostics: DiagnosticsInput | undefined;
  readonly shadow: ShadowInput | "off" | undefined;
  readonly policies: PolicyDocument;
}

const unsaid: Access = { kind: "unsaid" };

const template = text<OperationTemplate>("a path", (value) => {
  const parsed = parseOperationTemplate(value);
  return "problem" in parsed ? parsed : { value: parsed };
});

export const operationShape: ObjectShape<OperationInput> = object<OperationInput>("an operation", {
  method: { shape: located(withFallback(text("a method", parseMethod), "")), about: "Method, or * for any." },
  path: {
    shape: located(withFallback(template, { template: "", shape: "", query: [] })),
    about: "Path below the API's: /, /{id}, /files/{*rest}, and what its query must have: /items?kind={kind}&v=2.",
  },
  displayName: { shape: anyText, about: "Name to show." },
  ...handlerFields,
  access: {
    shape: fixed("who may call", access),
    about: "Who may call it; the API's access when absent.",
    default: unsaid,
  },
  clientCertificate: {
    shape: fixed("who may call", clientCertificate),
    about: "require or request a client certificate; as the API says when absent.",
  },
  bodySize: { shape: size(0, maxBodySize), about: "Bytes of a request's body; the API's bodySize when absent." },
  upgrades: upgradesField,
  diagnostics: { shape: diagnosticsShape, about: "What is told of its requests; what the API says when absent." },
  shadow: { shape: shadowShape, about: "The old gateway that is asked as well; what the API says when absent." },
  policies: { shape: policies("operation"), about: "Policies of this operation.", default: {} },
});
