import type { SourcePosition } from "./diagnostic.ts";
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
  readonly schemas: readonly OpenSchema[];
  readonly certificates: readonly OpenCertificate[];
  /** Names of the certificates that backends are shown, by backend. */
  readonly shownCertificates: ReadonlyMap<string, string>;
}

/** A secret of a vault. */
export interface OpenVault {
  readonly secretIdentifier: string;
  /** Of a user-assigned identity; empty: the system's own. */
  readonly identityClientId: string;
}

export type OpenValue =
  | { readonly name: string; readonly secret: false; readonly value: string }
  | {
      readonly name: string;
      readonly secret: true;
      /** Null: it comes from elsewhere. */
      readonly vault: OpenVault | null;
    };

/** A schema as its file has it. */
export interface OpenSchema {
  readonly name: string;
  readonly kind: "json" | "xml";
  readonly document: OpenDocument;
  readonly at: SourcePosition;
}

/** Neither the certificate nor its key: where they come from. */
export interface OpenCertificate {
  readonly name: string;
  /** Null: they come from elsewhere. */
  readonly vault: OpenVault | null;
}

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
