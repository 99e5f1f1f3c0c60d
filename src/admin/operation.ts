import type { ReasonCode } from "#model/reasons.ts";
import type { AdminCall } from "./call.ts";
import type { AdminPorts } from "./ports.ts";
import type { QueryParameter } from "./query.ts";
import type { AdminResult } from "./result.ts";
import type { AdminRole } from "./roles.ts";
import type { SchemaName } from "./schemas.ts";

/** A row of the table: all that the server and the OpenAPI document need to know of one operation. */
export interface AdminOperation {
  /** What the record and the OpenAPI document call it. */
  readonly id: string;
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** `{id}` stands for a whole number, `{name}` for a name of the definition or the store. */
  readonly path: string;
  readonly role: AdminRole;
  readonly summary: string;
  readonly query: Readonly<Record<string, QueryParameter>>;
  /** It changes the configuration: If-Match must say which one it is based on. */
  readonly conditional: boolean;
  /** What it takes: a configuration (YAML, or JSON with files), an entry of one (YAML or JSON), or JSON of a schema. */
  readonly body: false | "configuration" | "entry" | SchemaName;
  readonly answers: Readonly<Record<string, SchemaName | "text">>;
  readonly refusals: readonly ReasonCode[];
  readonly run: (call: AdminCall, ports: AdminPorts) => Promise<AdminResult>;
}
