/** What an API's OpenAPI document says of the messages of one operation: what policies validate against. */
export interface OperationDescription {
  readonly parameters: readonly DescribedParameter[];
  /** Bodies of requests by content type; none: no body is described. */
  readonly request: readonly DescribedContent[];
  readonly responses: readonly DescribedResponse[];
}

/** A JSON Schema whose references all lead into its own `$defs`; patterns are formats, see `patternFormat`. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** By which draft a schema is read: OpenAPI 3.0 has one of its own, which is nearest to draft 4. */
export type SchemaDraft = "4" | "7" | "2019-09" | "2020-12";

export interface DescribedSchema {
  readonly draft: SchemaDraft;
  readonly schema: JsonSchema;
}

/** A schema, or a part of one, that policies name. */
export interface NamedSchema {
  readonly name: string;
  /** `#/$defs/order`; "": the whole. */
  readonly pointer: string;
  readonly schema: DescribedSchema;
}

/** A schema for XML. */
export interface XmlSchema {
  /** A digest of its documents. */
  readonly key: string;
  /** Of XML Schema: the schema itself, then what it includes and imports. */
  readonly documents: readonly string[];
  /** Target namespace of the schema itself; null: it has none. */
  readonly namespace: string | null;
}

/** One that policies name. */
export interface NamedXmlSchema extends XmlSchema {
  readonly name: string;
}

export interface DescribedParameter {
  readonly name: string;
  readonly place: "path" | "query" | "header";
  readonly required: boolean;
  /** Null: any value will do. */
  readonly schema: DescribedSchema | null;
  /** How several values are written: one behind the other with commas, or the parameter again and again. */
  readonly list: "commas" | "repeated";
}

export interface DescribedContent {
  /** Media type or range, lower case, without parameters. */
  readonly type: string;
  readonly schema: DescribedSchema | null;
}

export interface DescribedResponse {
  /** `200`, `2XX` or `default`. */
  readonly status: string;
  readonly headers: readonly Omit<DescribedParameter, "place" | "list">[];
  readonly contents: readonly DescribedContent[];
}

/** A pattern of a schema stands as a format of this name: it meets client input, so a linear engine has to run it. */
export const patternFormat = "pattern:";

/** Policies that validate against it. */
export const validatingPolicies: ReadonlySet<string> = new Set([
  "validate-content",
  "validate-headers",
  "validate-parameters",
  "validate-status-code",
]);
