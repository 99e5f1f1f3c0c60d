import type { PolicyDocument, PolicyNode } from "./policy-tree.ts";

/**
 * What a definition says before values are filled into its policies and fragments into each other: what is handed on
 * to another gateway, which has named values and fragments of its own. No secret is in it.
 */
export interface OpenDefinition {
  /** Of the chosen environment. */
  readonly values: readonly OpenValue[];
  /** Global scope. Scalars with `{{name}}` are templates of one text, and `include-fragment` stands where it stood. */
  readonly policies: PolicyDocument;
  readonly fragments: readonly OpenFragment[];
  readonly apis: readonly OpenApi[];
  readonly products: ReadonlyMap<string, PolicyDocument>;
  readonly versionSets: readonly OpenVersionSet[];
}

export type OpenValue =
  | { readonly name: string; readonly secret: false; readonly value: string }
  | {
      readonly name: string;
      readonly secret: true;
      /** Null: it comes from elsewhere. */
      readonly vault: { readonly secretIdentifier: string; readonly identityClientId: string } | null;
    };

export interface OpenFragment {
  readonly name: string;
  readonly policies: readonly PolicyNode[];
}

export interface OpenApi {
  readonly name: string;
  /** As it is written, without a version. */
  readonly path: string;
  readonly policies: PolicyDocument;
  /** By name; operations without policies are not in it. */
  readonly operations: ReadonlyMap<string, PolicyDocument>;
  /** Its OpenAPI document; null: its operations are written out, or it has none. */
  readonly openapi: OpenDocument | null;
  readonly wsdl: OpenDocument | null;
}

/** A file beside the definition. */
export interface OpenDocument {
  readonly name: string;
  readonly text: string;
}

export interface OpenVersionSet {
  readonly name: string;
  readonly scheme: { readonly kind: "segment" } | { readonly kind: "header" | "query"; readonly parameter: string };
}
