import { type ArgumentProblem, type CheckedArguments, everyScope, itemsOf, literalOf } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

function action(summary: string, required: boolean): ArgumentSpec {
  return { type: "enum", summary, values: ["ignore", "detect", "prevent"], required, expression: true };
}

const errorsVariable: ArgumentSpec = {
  type: "string",
  summary: "Variable that gets what was wrong.",
  xml: "@errors-variable-name",
};

const specified = action("What to do about those that are described and wrong.", true);
const unspecified = action("What to do about those that are not described.", true);

export const validateContent: PolicySpec = {
  name: "validate-content",
  summary: "Holds bodies to their size, their content type and their schema.",
  sections: ["inbound", "outbound", "on-error"],
  scopes: everyScope,
  check: ({ content }) => contentProblem(content),
  readsBody: true,
  args: {
    unspecifiedContentTypeAction: action("What to do about a content type that is not described.", true),
    maxSize: {
      type: "size",
      summary: "Longest body that is looked at.",
      required: true,
      min: 0,
      max: 104_857_600,
      expression: true,
    },
    sizeExceededAction: action("What to do about a longer one.", true),
    errorsVariable,
    contentTypeMap: {
      type: "map",
      summary: "Which content type counts as which.",
      entries: {
        anyContentType: { type: "string", summary: "What any of them is.", xml: "@any-content-type-value" },
        missingContentType: { type: "string", summary: "What none is.", xml: "@missing-content-type-value" },
        types: {
          type: "list",
          summary: "Single ones.",
          items: {
            type: "map",
            summary: "One content type.",
            entries: {
              from: { type: "string", summary: "This one …" },
              when: { type: "condition", summary: "… or where this holds …" },
              to: { type: "string", summary: "… is that one.", required: true },
            },
          },
          xml: "type",
        },
      },
    },
    content: {
      type: "list",
      summary: "What is validated, by content type.",
      items: {
        type: "map",
        summary: "One content type.",
        entries: {
          type: { type: "string", summary: "Content type; any when absent." },
          validateAs: {
            type: "enum",
            summary: "What it is; soap: an envelope of SOAP 1.1 or 1.2 whose body's element the schema declares.",
            values: ["json", "xml", "soap"],
            required: true,
          },
          schemaId: {
            type: "string",
            summary:
              "Schema of the definition; when absent the operation's own, of XML and SOAP that of the API's WSDL.",
          },
          schemaRef: { type: "string", summary: "Part of that schema, of JSON: `#/$defs/order`." },
          action: action("What to do about what is wrong.", true),
          allowAdditionalProperties: {
            type: "boolean",
            summary: "Whatever the schema says of others. Of JSON alone.",
            expression: true,
          },
          caseInsensitivePropertyNames: {
            type: "boolean",
            summary: "Names of properties fit in any case. Of JSON alone.",
            default: false,
            expression: true,
          },
        },
      },
    },
  },
  example: `validate-content:
  unspecifiedContentTypeAction: prevent
  maxSize: 100KiB
  sizeExceededAction: prevent
  content: [{ type: application/json, validateAs: json, action: prevent }]`,
};

function contentProblem(
  content: CheckedArguments[string] | undefined,
): { readonly argument: string; readonly message: string } | undefined {
  for (const item of itemsOf(content)) {
    const { schemaId, schemaRef, validateAs } = item.kind === "map" ? item.entries : {};
    const isXml = literalOf(validateAs) !== "json";
    if (schemaRef === undefined) continue;
    if (isXml) return { argument: "content", message: "schemaRef is a part of a schema of JSON" };
    if (schemaId === undefined) return { argument: "content", message: "schemaRef is a part of what schemaId names" };
    if (!String(literalOf(schemaRef)).startsWith("#/"))
      return { argument: "content", message: "schemaRef begins with #/" };
  }
  return undefined;
}

const parameters: ArgumentSpec = {
  type: "list",
  summary: "Single parameters.",
  items: {
    type: "map",
    summary: "A parameter.",
    entries: { name: { type: "string", summary: "Name.", required: true }, action: action("What to do.", true) },
  },
  xml: "parameter",
};

const place: ArgumentSpec = {
  type: "map",
  summary: "Those of one place.",
  entries: {
    specifiedParameterAction: { ...specified, required: false },
    unspecifiedParameterAction: { ...unspecified, required: false },
    parameters,
  },
};

export const validateParameters: PolicySpec = {
  name: "validate-parameters",
  summary: "Holds parameters of path, query and headers to the API's description.",
  sections: ["inbound"],
  scopes: everyScope,
  once: true,
  forwardAuth: true,
  args: {
    specifiedParameterAction: specified,
    unspecifiedParameterAction: unspecified,
    errorsVariable,
    headers: place,
    query: place,
    path: place,
  },
  example: "validate-parameters: { specifiedParameterAction: prevent, unspecifiedParameterAction: ignore }",
};

export const validateHeaders: PolicySpec = {
  name: "validate-headers",
  summary: "Holds response headers to the API's description.",
  sections: ["outbound", "on-error"],
  scopes: everyScope,
  args: {
    specifiedHeaderAction: specified,
    unspecifiedHeaderAction: unspecified,
    errorsVariable,
    headers: { ...parameters, summary: "Single headers.", xml: "header" },
  },
  example: "validate-headers: { specifiedHeaderAction: prevent, unspecifiedHeaderAction: ignore }",
};

export const validateStatusCode: PolicySpec = {
  name: "validate-status-code",
  summary: "Holds statuses to the API's description.",
  sections: ["outbound", "on-error"],
  scopes: everyScope,
  args: {
    unspecifiedStatusCodeAction: unspecified,
    errorsVariable,
    statusCodes: {
      type: "list",
      summary: "Single statuses.",
      items: {
        type: "map",
        summary: "A status.",
        entries: {
          code: { type: "integer", summary: "Status.", required: true, min: 100, max: 599 },
          action: action("What to do.", true),
        },
      },
      xml: "status-code",
    },
  },
  example: "validate-status-code: { unspecifiedStatusCodeAction: prevent }",
};

function identityText(summary: string): ArgumentSpec {
  return { type: "string", summary };
}

function flag(summary: string, value: boolean): ArgumentSpec {
  return { type: "boolean", summary, default: value, expression: true };
}

export const validateClientCertificate: PolicySpec = {
  name: "validate-client-certificate",
  summary: "Lets only requests over a connection with a good client certificate pass.",
  sections: ["inbound"],
  scopes: everyScope,
  forwardAuth: true,
  args: {
    validateRevocation: flag("Asks its issuer whether it was withdrawn: unknown is no.", true),
    validateTrust: flag("A chain to a trusted authority: the handshake asks for it in any case.", true),
    validateNotBefore: flag("Not before its time: as above.", true),
    validateNotAfter: flag("Not after its time: as above.", true),
    ignoreError: flag("Goes on when it is not good.", false),
    identities: {
      type: "list",
      summary: "One of these it must be; in each all must fit.",
      items: {
        type: "map",
        summary: "A certificate.",
        entries: {
          thumbprint: identityText("Thumbprint."),
          serialNumber: identityText("Serial number."),
          commonName: identityText("Common name of the subject."),
          subject: identityText("Subject."),
          dnsName: identityText("DNS name."),
          issuerSubject: identityText("Subject of the issuer."),
          issuerThumbprint: identityText("Thumbprint of the issuer, which is one of `certificates`."),
          issuerCertificateId: identityText("Name of the issuer, which is one of `certificates`."),
        },
      },
      xml: "identities/identity",
    },
  },
  check: identitiesSaySomething,
  example: `validate-client-certificate:
  identities: [{ dnsName: orders.example.com }]`,
};

function identitiesSaySomething({ identities }: CheckedArguments): ArgumentProblem | undefined {
  const empty = itemsOf(identities).some((item) => item.kind === "map" && Object.keys(item.entries).length === 0);
  return empty ? { argument: "identities", message: "an identity says nothing" } : undefined;
}

export const validateOdataRequest: PolicySpec = {
  name: "validate-odata-request",
  summary: "Holds requests to OData's rules for URLs, query options and versions. What is wrong is answered with 400.",
  sections: ["inbound"],
  scopes: ["global", "workspace", "product", "api"],
  once: true,
  readsBody: ({ maxSize }) => maxSize !== undefined,
  args: {
    errorVariable: identityVariable(),
    defaultOdataVersion: odataVersion("Version when none is said.", "4.0"),
    minOdataVersion: odataVersion("Lowest version that OData-Version may say."),
    maxOdataVersion: odataVersion("Highest version that OData-Version may say."),
    maxSize: { type: "size", summary: "Longest body.", min: 0, max: 104_857_600, expression: true },
  },
  example: "validate-odata-request: { maxSize: 100KiB }",
};

function odataVersion(summary: string, assumed?: string): ArgumentSpec {
  const values = ["1.0", "2.0", "3.0", "4.0", "4.01"];
  return { type: "enum", summary, values, ...(assumed === undefined ? {} : { default: assumed }) };
}

function identityVariable(): ArgumentSpec {
  return { type: "string", summary: "Variable that gets what was wrong.", xml: "@error-variable-name" };
}

export const validateGraphqlRequest: PolicySpec = {
  name: "validate-graphql-request",
  summary: "Holds GraphQL queries to the API's schema, to a size and a depth, and says who may see what.",
  sections: ["inbound"],
  scopes: everyScope,
  readsBody: true,
  args: {
    errorVariable: { ...identityVariable(), expression: true },
    maxSize: { type: "size", summary: "Longest query.", required: true, min: 0, max: 104_857_600, expression: true },
    maxDepth: { type: "integer", summary: "Deepest query.", default: 6, min: 1, max: 1000, expression: true },
    maxTotalDepth: {
      type: "integer",
      summary: "Most fields at all levels, those of fragments counted wherever they are spread.",
      default: 250,
      min: 1,
      max: 10_000,
      expression: true,
    },
    authorize: {
      type: "list",
      summary: "Rules for parts of the schema.",
      items: {
        type: "map",
        summary: "A rule.",
        entries: {
          path: {
            type: "string",
            summary:
              "/Type/field, or /field for one at the top; * at its end for whatever begins so. /__* is introspection.",
            required: true,
          },
          action: {
            type: "enum",
            summary: "What happens there.",
            values: ["allow", "remove", "reject", "ignore"],
            default: "allow",
            expression: true,
          },
        },
      },
      xml: "authorize/rule",
    },
  },
  check: checkPaths,
  example: "validate-graphql-request: { maxSize: 100KiB }",
};

function checkPaths({ authorize }: CheckedArguments): ArgumentProblem | undefined {
  for (const item of itemsOf(authorize)) {
    const path = item.kind === "map" ? literalOf(item.entries["path"]) : undefined;
    if (path === undefined || /^\/(?:\w+\/)?\w*\*?$/.test(String(path))) continue;
    return { argument: "authorize", message: `${String(path)} is not /Type/field` };
  }
  return undefined;
}
