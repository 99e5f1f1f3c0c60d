import { ConnectionCredential } from "#model/connection.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { Jwt } from "#notation/csharp/context/jwt.ts";
import type { CsVariables } from "#notation/csharp/context/provider.ts";
import { ResponseView } from "#notation/csharp/context/views.ts";
import { objectOfClaims } from "#notation/csharp/context/claims.ts";
import { AuthorizationView } from "./authorization-view.ts";
import { receivedResponse } from "./messages.ts";

/** `context.Variables`: values of other policies in the types that C# code casts them to. */
export class VariablesOf implements CsVariables {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown> | null) {
    this.#values = values ?? none;
  }

  get size(): number {
    return this.#values.size;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }

  get(name: string): unknown {
    const value = this.#values.get(name);
    if (value instanceof ReceivedResponse) return new ResponseView(receivedResponse(value));
    if (value instanceof ConnectionCredential) return new AuthorizationView(value);
    return isClaims(value) ? new Jwt(noHeader, objectOfClaims(value), "") : value;
  }
}

const none: ReadonlyMap<string, unknown> = new Map();
const noHeader = objectOfClaims({});

/** The claims of a token that `validate-jwt` has verified: the only plain object that is ever in a variable. */
function isClaims(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
