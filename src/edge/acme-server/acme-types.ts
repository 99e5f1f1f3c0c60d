import type { JWK } from "jose";

/** One request to the server, as a worker hands it to main. */
export interface AcmeRequest {
  readonly method: string;
  /** Of the server itself, such as `https://ca.example.com/acme`: what its resources' URLs begin with. */
  readonly base: string;
  /** Below it; starts with `/`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

export interface AcmeResponse {
  readonly status: number;
  /** Flat `[name, value, …]`. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
}

export interface Identifier {
  readonly type: "dns" | "ip";
  readonly value: string;
}

export interface Account {
  readonly id: string;
  key: JWK;
  thumbprint: string;
  contact: readonly string[];
  /** Name of the external account that it is bound to; null: none. */
  readonly binding: string | null;
  readonly createdAt: number;
  status: "valid" | "deactivated";
}

export type ChallengeType = "http-01" | "tls-alpn-01";

export interface ProblemDocument {
  /** `urn:ietf:params:acme:error:…` */
  readonly type: string;
  readonly detail: string;
  readonly status: number;
}

/** Of one identifier of one order. The challenges share the token's fate: the first that is met or fails decides. */
export interface Authorization {
  readonly identifier: Identifier;
  readonly token: string;
  status: "pending" | "valid" | "invalid";
  /** The challenge that the client has chosen; null before. */
  chosen: ChallengeType | null;
  problem: ProblemDocument | null;
  validatedAt: number;
}

export interface Order {
  readonly id: string;
  readonly account: string;
  readonly expires: number;
  readonly authorizations: readonly Authorization[];
  /** Leaf and intermediate, PEM; null before it is issued. */
  chain: string | null;
  /** Of the certificate; 0 before it is issued. */
  notAfter: number;
  serial: string;
  revoked: boolean;
}
