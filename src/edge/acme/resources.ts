import { type JsonObject, optionalText, parseObject, textOf, textsOf } from "./json.ts";
import { type AcmeProblem, problemOf, unusable } from "./problem.ts";

/** @see RFC 8555 §9.7.7, RFC 8738 */
export interface Identifier {
  readonly type: "dns" | "ip";
  readonly value: string;
}

export type ChallengeType = "http-01" | "tls-alpn-01" | "dns-01";

/** @see RFC 8555 §7.1.1 */
export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly revokeCert: string | undefined;
  /** @see RFC 9773 */
  readonly renewalInfo: string | undefined;
  readonly needsBinding: boolean;
  /** Names of the certificate profiles it offers. @see draft-ietf-acme-profiles */
  readonly profiles: readonly string[];
}

export type OrderStatus = "pending" | "ready" | "processing" | "valid" | "invalid";

/** @see RFC 8555 §7.1.3 */
export interface Order {
  readonly url: string;
  readonly status: OrderStatus;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate: string | undefined;
  readonly problem: AcmeProblem | undefined;
}

/** @see RFC 8555 §7.1.4 */
export interface Authorization {
  readonly status: string;
  readonly identifier: Identifier;
  readonly challenges: readonly Challenge[];
}

/** @see RFC 8555 §7.1.5 */
export interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly status: string;
  readonly token: string;
  readonly problem: AcmeProblem | undefined;
}

export function readDirectory(text: string): Directory {
  const object = parseObject(text, "directory");
  const meta = (typeof object["meta"] === "object" && object["meta"] !== null ? object["meta"] : {}) as JsonObject;
  const { profiles } = meta;
  return {
    newNonce: textOf(object, "newNonce", "directory"),
    newAccount: textOf(object, "newAccount", "directory"),
    newOrder: textOf(object, "newOrder", "directory"),
    revokeCert: optionalText(object, "revokeCert"),
    renewalInfo: optionalText(object, "renewalInfo"),
    needsBinding: meta["externalAccountRequired"] === true,
    profiles: typeof profiles === "object" && profiles !== null ? Object.keys(profiles) : [],
  };
}

const orderStatuses: ReadonlySet<string> = new Set(["pending", "ready", "processing", "valid", "invalid"]);

export function readOrder(text: string, url: string): Order {
  const object = parseObject(text, "order");
  const status = textOf(object, "status", "order");
  if (!orderStatuses.has(status)) throw unusable(`the authority's order has the status ${status.slice(0, 40)}`);
  return {
    url,
    status: status as OrderStatus,
    authorizations: textsOf(object, "authorizations", "order"),
    finalize: textOf(object, "finalize", "order"),
    certificate: optionalText(object, "certificate"),
    problem: object["error"] === undefined ? undefined : problemOf(object["error"], 0),
  };
}

export function readAuthorization(text: string): Authorization {
  const object = parseObject(text, "authorization");
  const identifier = (object["identifier"] ?? {}) as JsonObject;
  const challenges = Array.isArray(object["challenges"]) ? (object["challenges"] as unknown[]) : [];
  return {
    status: textOf(object, "status", "authorization"),
    identifier: {
      type: identifier["type"] === "ip" ? "ip" : "dns",
      value: textOf(identifier, "value", "authorization's identifier"),
    },
    challenges: challenges.slice(0, 20).map((challenge) => readChallenge((challenge ?? {}) as JsonObject)),
  };
}

function readChallenge(object: JsonObject): Challenge {
  return {
    type: textOf(object, "type", "challenge"),
    url: textOf(object, "url", "challenge"),
    status: optionalText(object, "status") ?? "pending",
    token: optionalText(object, "token") ?? "",
    problem: object["error"] === undefined ? undefined : problemOf(object["error"], 0),
  };
}
