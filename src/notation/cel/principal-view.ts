import type { ClientCertificate } from "#model/exchange.ts";
import type { Principal } from "#model/principal.ts";
import { CertificateView } from "./certificate-view.ts";

/** Type of the CEL variable `principal`. What a principal lacks is an empty string. */
export const principalFields = {
  id: "string",
  kind: "string",
  issuer: "string",
  subject: "string",
  tenant: "string",
  displayName: "string",
  email: "string",
  groups: "list<string>",
  roles: "list<string>",
  scopes: "list<string>",
  approvals: "list<string>",
  authMethod: "string",
  clientId: "string",
  actors: "list<string>",
  agent: "bool",
  claims: "map<string, dyn>",
  authenticated: "bool",
  certificate: "Certificate",
} as const;

const none: readonly string[] = Object.freeze([]);

/** Who the request is made by. */
export class PrincipalView {
  readonly #principal: Principal;
  readonly #certificate: ClientCertificate | null;

  constructor(principal: Principal, certificate: ClientCertificate | null) {
    this.#principal = principal;
    this.#certificate = certificate;
  }

  get certificate(): CertificateView {
    return new CertificateView(this.#certificate);
  }

  get id(): string {
    return this.#principal.id;
  }

  get kind(): string {
    return this.#principal.kind;
  }

  get issuer(): string {
    return this.#principal.issuer;
  }

  get subject(): string {
    return this.#principal.subject;
  }

  get tenant(): string {
    return this.#principal.tenant ?? "";
  }

  get displayName(): string {
    return this.#principal.displayName ?? "";
  }

  get email(): string {
    return this.#principal.email ?? "";
  }

  get groups(): readonly string[] {
    return this.#principal.groups;
  }

  get roles(): readonly string[] {
    return this.#principal.roles;
  }

  get scopes(): readonly string[] {
    return this.#principal.scopes;
  }

  get approvals(): readonly string[] {
    return this.#principal.approvals ?? none;
  }

  get authMethod(): string {
    return this.#principal.authMethod;
  }

  get clientId(): string {
    return this.#principal.clientId ?? "";
  }

  /** Ids of who acts for the principal, outermost first. */
  get actors(): readonly string[] {
    const ids: string[] = [];
    for (let { actor } = this.#principal; actor !== undefined; actor = actor.actor) ids.push(actor.id);
    return ids;
  }

  /** It is an agent, or one acts for it. */
  get agent(): boolean {
    let one: Principal | undefined = this.#principal;
    while (one !== undefined && one.kind !== "agent") one = one.actor;
    return one !== undefined;
  }

  get claims(): Readonly<Record<string, unknown>> {
    return this.#principal.claims;
  }

  /** It has shown who it is; a key says whose it is, and may be shared. */
  get authenticated(): boolean {
    const { kind, authMethod } = this.#principal;
    return kind !== "anonymous" && authMethod !== "subscription-key";
  }
}
