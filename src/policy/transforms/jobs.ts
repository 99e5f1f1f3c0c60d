import type { TransformLimits } from "#notation/xslt/transform.ts";
import type { Written } from "#notation/xslt/serialize.ts";
import type { Charset } from "#policy/charset.ts";
import type { CheckedQuery, QueryLimits } from "#policy/graphql/check-query.ts";
import type { PlainRules } from "#policy/graphql/rules.ts";
import type { JsonRules } from "#policy/validation/json-problem.ts";
import type { XmlToJsonSettings } from "#policy/xml/xml-to-json.ts";
import type { JsonToXmlRules } from "./conversions.ts";

/** A body with a buffer to itself, as it came. */
export interface CodedBody {
  readonly body: Uint8Array;
  readonly charset: Charset;
}

/** All that crosses can be cloned: data, never a closure of the definition. */
export interface TransformJobs {
  readonly "xml-to-json": {
    readonly request: CodedBody & { readonly settings: XmlToJsonSettings };
    readonly response: Uint8Array;
  };
  readonly "json-to-xml": {
    readonly request: CodedBody & { readonly settings: JsonToXmlRules };
    readonly response: Uint8Array;
  };
  /** Its asset: {@link StylesheetSource}. */
  readonly "xsl-transform": {
    readonly request: CodedBody & {
      readonly parameters: ReadonlyMap<string, string>;
      readonly limits: TransformLimits;
    };
    readonly response: { readonly body: Uint8Array; readonly method: Written["method"] };
  };
  /** Its asset: a DescribedSchema; none: it has to be JSON. The response says what is wrong; null: nothing. */
  readonly "json-schema": {
    readonly request: CodedBody & { readonly rules: JsonRules };
    readonly response: string | null;
  };
  /** Its asset: {@link GraphqlSource}; none: the API has no schema. */
  readonly "graphql-query": {
    readonly request: { readonly query: string; readonly limits: QueryLimits; readonly rules: PlainRules };
    readonly response: CheckedQuery | { readonly problems: readonly string[] } | { readonly failedRule: number };
  };
  /** Its asset: {@link XmlSchemaSource}. The response as of `json-schema`. */
  readonly "xml-schema": { readonly request: CodedBody; readonly response: string | null };
}

export interface GraphqlSource {
  /** In GraphQL's schema language. */
  readonly graphql: string;
}

export interface XmlSchemaSource {
  readonly documents: readonly string[];
  readonly namespace: string | null;
  /** The body is an envelope of SOAP, and the schema is of what is in it; absent: it is of the body. */
  readonly soap?: "request" | "response";
}

export interface StylesheetSource {
  readonly stylesheet: string;
}
