/** The part of JSON Schema that the context's schema is written in, and that it is checked by. */
export interface ContextSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: "object" | "array" | "string" | "number" | "integer" | "boolean";
  readonly anyOf?: readonly ContextSchema[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, ContextSchema>>;
  readonly additionalProperties?: false | ContextSchema;
  readonly items?: ContextSchema;
}

const text: ContextSchema = { type: "string" };
const scalar: ContextSchema = { anyOf: [text, { type: "number" }, { type: "boolean" }] };
const about = (schema: ContextSchema, description: string): ContextSchema => ({ ...schema, description });
const mapOf = (additionalProperties: ContextSchema, description: string): ContextSchema => {
  return { type: "object", additionalProperties, description };
};
const closed = (
  description: string,
  properties: Readonly<Record<string, ContextSchema>>,
  required: readonly string[] = [],
): ContextSchema => ({ type: "object", description, properties, required, additionalProperties: false });

const date: ContextSchema = {
  type: "string",
  pattern: "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\dZ)?$",
  description: "2026-01-31T12:00:00Z",
};

const answerFields: Readonly<Record<string, ContextSchema>> = {
  status: { type: "integer", minimum: 100, maximum: 599, description: "Default 200." },
  reason: about(text, "Reason phrase; that of the status when absent."),
  headers: mapOf({ anyOf: [text, { type: "array", items: text }] }, "Header fields; several of a name as an array."),
  body: about(text, "Body as text."),
  json: { description: "Body as JSON, with its Content-Type. Instead of body." },
  error: { enum: ["timeout", "connection"], description: "There is no answer, but this." },
};
const answer = closed("What a service answers.", answerFields);

export const contextSchema: ContextSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Context of sallyport policy run",
  ...closed("What a policy document is run in. Everything has a default.", {
    $schema: about(text, "Of this file, for editors."),
    scope: { enum: ["global", "product", "api", "operation"], description: "Where the document stands. Default api." },
    api: closed("The API that the request is for.", {
      name: text,
      displayName: text,
      path: about(text, "Default /."),
      serviceUrl: about(text, "Where its backend is. Default https://backend.example."),
    }),
    operation: closed(
      "The operation; when absent, any request is for the API.",
      { name: text, method: text, template: about(text, "Below the API's path: /{id}.") },
      ["method", "template"],
    ),
    product: closed(
      "Puts the request into the context of a product.",
      {
        name: text,
        displayName: text,
        approvalRequired: { type: "boolean" },
        subscriptionsLimit: { type: "integer", minimum: 1 },
        groups: { type: "array", items: text },
      },
      ["name"],
    ),
    subscription: closed(
      "The subscription that the request is made under.",
      {
        id: text,
        name: about(text, "Default: its id."),
        createdDate: date,
        startDate: date,
        endDate: date,
        owner: closed(
          "The user that it belongs to.",
          {
            id: text,
            email: text,
            firstName: text,
            lastName: text,
            note: text,
            groups: { type: "array", items: text },
            registrationDate: date,
          },
          ["id"],
        ),
      },
      ["id"],
    ),
    user: closed(
      "Who makes the request, as a token would have said.",
      {
        id: text,
        email: text,
        name: about(text, "First and last name."),
        groups: { type: "array", items: text },
        provider: text,
      },
      ["id"],
    ),
    client: closed("Where the request comes from.", {
      address: about(text, "Default 203.0.113.7."),
      certificate: about(text, "Its certificate, PEM, as if it had been verified."),
    }),
    variables: mapOf(scalar, "Of context.Variables, there from the start. A number is int or double."),
    values: mapOf(scalar, "Named values."),
    secrets: mapOf(text, "Named values that are not shown."),
    fragments: mapOf(text, "Files of fragments by fragment-id, relative to this file."),
    certificates: mapOf(text, "Certificates of the gateway by certificate-id: PEM, with the key where there is one."),
    backends: mapOf(text, "URLs of backends by backend-id."),
    backend: {
      anyOf: [answer, { type: "array", items: answer }],
      description: "What the backend answers: always the same, or one after the other, the last one again and again.",
    },
    calls: {
      type: "array",
      description: "What other services answer, the first that fits. A call that none fits is not answered.",
      items: closed(
        "A service.",
        { url: about(text, "With * for any characters."), method: about(text, "Any when absent."), ...answerFields },
        ["url"],
      ),
    },
    cache: mapOf(scalar, "Values that are in the cache, by key."),
    errors: { enum: ["api-management", "problem"], description: "How refusals look. Default api-management." },
    now: about(text, "The time, ISO 8601. Default 2026-01-02T03:04:05Z."),
    seed: {
      type: "integer",
      minimum: 0,
      maximum: 4_294_967_295,
      description: "For what is left to chance. Default 1.",
    },
    repeat: {
      type: "integer",
      minimum: 1,
      maximum: 1000,
      description: "The request is made so many times, and the last time is shown. Default 1.",
    },
  }),
};
