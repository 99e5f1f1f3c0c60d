import { readFile } from "node:fs/promises";
import { principalId } from "#identity/principal-id.ts";
import { isIssuedBy } from "#identity/issuers.ts";
import { checkPreset } from "#identity/preset-checks.ts";
import { toPrincipal } from "#identity/principal.ts";
import type { Definition, Provider } from "#model/definition.ts";
import { anonymous, type Principal, type PrincipalKind } from "#model/principal.ts";
import { rulesOf } from "#model/provider-rules.ts";

/** A principal that cannot be made of what was given; says what to write instead. */
export class PrincipalProblem extends Error {}

const kinds: readonly PrincipalKind[] = ["user", "service", "agent"];
const texts = ["tenant", "displayName", "email", "clientId", "provider"] as const;
const lists = ["groups", "roles", "scopes", "approvals"] as const;
const keys: ReadonlySet<string> = new Set(["kind", "issuer", "subject", "claims", "actor", ...texts, ...lists]);

/**
 * A principal from a JSON file: its fields, or the claims of a token (`iss` says so), which the provider's own mapping
 * then turns into one.
 * @throws PrincipalProblem
 */
export async function readPrincipal(file: string, definition: Definition): Promise<Principal> {
  const value = parse(file, await read(file));
  return "iss" in value ? principalOfClaims(file, value, definition) : fromFields(file, value);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new PrincipalProblem(`${file} cannot be read: ${code}`);
  }
}

function parse(file: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Without its message, which may quote the file.
  }
  throw new PrincipalProblem(`${file} is no JSON object`);
}

/** @param file what the claims are from, for messages. @throws PrincipalProblem */
export function principalOfClaims(file: string, claims: Record<string, unknown>, { providers }: Definition): Principal {
  const provider = providers.find((one) => isIssuedBy(claims, one));
  if (provider === undefined) throw new PrincipalProblem(`${file}: no provider of the definition has this iss`);
  return mapped(file, claims, provider);
}

function mapped(file: string, claims: Record<string, unknown>, provider: Provider): Principal {
  const rules = rulesOf(provider.preset);
  const principal = checkPreset(claims, provider, rules) ?? toPrincipal("", claims, provider, rules);
  if ("id" in principal) return principal;
  throw new PrincipalProblem(`${file}: such a token is refused: ${principal.reason}`);
}

function fromFields(file: string, value: Record<string, unknown>): Principal {
  const unknown = Object.keys(value).find((key) => !keys.has(key));
  if (unknown !== undefined) {
    throw new PrincipalProblem(`${file}: a principal has no ${unknown}; it has ${[...keys].join(", ")}`);
  }
  const kind = value["kind"] ?? "user";
  const known = kinds.find((one) => one === kind);
  if (known === undefined) throw new PrincipalProblem(`${file}: kind is one of ${kinds.join(", ")}`);
  const issuer = textIn(file, value, "issuer") ?? "";
  const subject = textIn(file, value, "subject");
  if (subject === undefined) throw new PrincipalProblem(`${file}: subject is missing`);
  const { actor, claims = {} } = value;
  if (!isObject(claims)) throw new PrincipalProblem(`${file}: claims is an object`);
  if (actor !== undefined && !isObject(actor)) throw new PrincipalProblem(`${file}: actor is a principal`);
  return Object.freeze({
    ...anonymous,
    id: principalId(issuer, textIn(file, value, "tenant") ?? "", subject),
    kind: known,
    issuer,
    subject,
    authMethod: "token",
    claims,
    ...Object.fromEntries(present(texts.map((key) => [key, textIn(file, value, key)]))),
    ...Object.fromEntries(present(lists.map((key) => [key, listIn(file, value, key)]))),
    ...(actor === undefined ? {} : { actor: fromFields(file, actor) }),
  });
}

function present(entries: readonly (readonly [string, unknown])[]): readonly (readonly [string, unknown])[] {
  return entries.filter(([, value]) => value !== undefined);
}

function textIn(file: string, value: Record<string, unknown>, key: string): string | undefined {
  const found = value[key];
  if (found === undefined || typeof found === "string") return found;
  throw new PrincipalProblem(`${file}: ${key} is a string`);
}

function listIn(file: string, value: Record<string, unknown>, key: string): readonly string[] | undefined {
  const found = value[key];
  if (found === undefined) return undefined;
  if (Array.isArray(found) && found.every((one) => typeof one === "string")) return found as readonly string[];
  throw new PrincipalProblem(`${file}: ${key} is a list of strings`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
