import { type ReasonCode, reasons } from "#model/reasons.ts";
import { type JsonSchema, schemas } from "./schemas.ts";
import type { AdminOperation } from "./operation.ts";

/** What every operation may refuse with. */
const always: readonly ReasonCode[] = [
  "malformed-request",
  "credentials-missing",
  "role-missing",
  "misdirected-request",
  "overloaded",
];
const ofBodies: readonly ReasonCode[] = ["body-too-large", "media-type-not-supported"];

/** The admin API as an OpenAPI 3.1 document. */
export function openApiDocument(operations: readonly AdminOperation[]): JsonSchema {
  const paths = Map.groupBy(operations, ({ path }) => path);
  return {
    openapi: "3.1.0",
    info: {
      title: "Sallyport admin API",
      version: "1",
      description:
        "Reads, checks and changes the configuration of a running gateway. On the Unix socket `admin.sock` of the data folder the caller is the process's own user, with every role. Over TCP each call takes a token of `admin.provider`, and a role of `admin.roles`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "http://localhost", description: "Over the Unix socket." }],
    security: [{}, { token: [] }],
    paths: Object.fromEntries([...paths].map(([path, all]) => [path, pathItem(all)])),
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas,
    },
  };
}

function pathItem(operations: readonly AdminOperation[]): JsonSchema {
  return Object.fromEntries(operations.map((one) => [one.method.toLowerCase(), operationObject(one)]));
}

function operationObject(operation: AdminOperation): JsonSchema {
  const { id, summary, role, body } = operation;
  const parameters = parametersOf(operation);
  return {
    operationId: id,
    summary,
    description: `Role: ${role}.`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === false ? {} : { requestBody: { required: true, content: contentOf(body) } }),
    responses: responsesOf(operation),
  };
}

const namePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$";

const configurationBody = {
  "application/yaml": { schema: { type: "string", description: "The definition alone; its documents stay." } },
  "application/json": { schema: { $ref: "#/components/schemas/Files" } },
} as const;

const entryBody = {
  "application/yaml": { schema: { type: "string", description: "As it is to stand in the definition." } },
  "application/json": { schema: { description: "The same." } },
} as const;

function contentOf(body: Exclude<AdminOperation["body"], false>): JsonSchema {
  if (body === "configuration") return configurationBody;
  if (body === "entry") return entryBody;
  return { "application/json": { schema: { $ref: `#/components/schemas/${body}` } } };
}

function parametersOf({ path, query, conditional }: AdminOperation): readonly JsonSchema[] {
  const id = { name: "id", in: "path", required: true, schema: { type: "integer", minimum: 1 } };
  const subject = { name: "name", in: "path", required: true, schema: { type: "string", pattern: namePattern } };
  const match = {
    name: "If-Match",
    in: "header",
    required: true,
    description: "ETag of the configuration that the change is based on.",
    schema: { type: "string" },
  };
  const named = Object.entries(query).map(([name, { about, pattern }]) => {
    return { name, in: "query", description: about, schema: { type: "string", pattern } };
  });
  return [
    ...(path.includes("{id}") ? [id] : []),
    ...(path.includes("{name}") ? [subject] : []),
    ...(conditional ? [match] : []),
    ...named,
  ];
}

function responsesOf({ answers, refusals, body }: AdminOperation): JsonSchema {
  const content = Object.entries(answers).map(([type, schema]) => {
    return [type, { schema: schema === "text" ? { type: "string" } : { $ref: `#/components/schemas/${schema}` } }];
  });
  const codes = [...always, ...(body === false ? [] : ofBodies), ...refusals];
  const byStatus = Map.groupBy(codes, (code) => String(reasons[code].status));
  const problems = [...byStatus].map(([status, all]) => [status, problemResponse(all)] as const);
  const ok = { description: "Done.", content: Object.fromEntries(content) };
  return Object.fromEntries([["200", ok], ...problems.toSorted(([a], [b]) => Number(a) - Number(b))]);
}

function problemResponse(codes: readonly ReasonCode[]): JsonSchema {
  const description = codes.map((code) => `\`${code}\`: ${reasons[code].message}`).join(" ");
  return { description, content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } };
}
