import type { ConnectionCredential } from "#model/connection.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { VariablesView } from "#notation/csharp/context/views.ts";

/** `Authorization`, as C# code casts the variable of get-authorization-context to. */
export class AuthorizationView implements NetObject {
  readonly netType = "Authorization";
  readonly #credential: ConnectionCredential;

  constructor(credential: ConnectionCredential) {
    this.#credential = credential;
  }

  get accessToken(): string {
    return this.#credential.accessToken;
  }

  get claims(): VariablesView {
    return new VariablesView(new Map(Object.entries(this.#credential.claims)));
  }

  toString(): string {
    return "Authorization";
  }
}
