import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText } from "#config/shapes/text.ts";

export interface SchemaInput {
  readonly json: Located<string> | undefined;
  readonly xml: Located<string> | undefined;
}

export const schemaShape: ObjectShape<SchemaInput> = object<SchemaInput>("a schema", {
  json: {
    shape: located(anyText),
    about: "JSON Schema, or an OpenAPI document with schemas (YAML or JSON), beside this file.",
  },
  xml: {
    shape: located(anyText),
    about: "XML Schema (XSD 1.0), beside this file. What it includes or imports is another one under schemas.",
  },
});
