import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";

/** Stands where a credential stood. */
const mark = "***";

/** Shorter ones are no secrets, and would blot out half of a text. */
const minSecret = 6;

/**
 * A text that a policy made, for the record or the log: what this request proved itself by is taken out, and so is
 * whatever looks like a signed token, and what the definition wants to be kept out. What the definition calls a secret never gets here: see `tellable`.
 */
export function withoutCredentials(text: string, exchange: Exchange): string {
  let clean = text;
  for (const secret of secretsOf(exchange)) clean = clean.replaceAll(secret, mark);
  // In runs, so that the work is linear in the text.
  clean = clean.replaceAll(/[\w.-]{20,}/g, (run) => (looksLikeToken(run) ? mark : run));
  if (exchange.redaction === null) return clean;
  const redacted = exchange.redaction.told(clean, exchange);
  exchange.redacted += redacted.count;
  return redacted.text;
}

/** Three parts, the first of which is a JSON object in base64url. @see RFC 7515 §7.1 */
function looksLikeToken(run: string): boolean {
  return run.includes("eyJ") && run.split(".").length >= 3;
}

function secretsOf(exchange: Exchange): ReadonlySet<string> {
  const { facts, request, response, api } = exchange;
  const secrets = new Set<string>();
  const keyHeader = api?.subscriptionKey.header.toLowerCase();
  for (const headers of [facts.headers, request.headers]) {
    addCredentials(headers, secrets);
    if (keyHeader !== undefined) for (const value of headers.all(keyHeader)) add(value, secrets);
  }
  if (api !== null) {
    for (const query of [facts.query, request.query]) {
      for (const value of new URLSearchParams(query).getAll(api.subscriptionKey.query)) add(value, secrets);
    }
  }
  for (const value of response?.headers.all("set-cookie") ?? []) addCookie(value.split(";", 1)[0] as string, secrets);
  return secrets;
}

function addCredentials(headers: HeaderList, secrets: Set<string>): void {
  for (const name of ["authorization", "proxy-authorization"]) {
    for (const value of headers.all(name)) {
      add(value.replace(/^\S+ +/, ""), secrets);
    }
  }
  for (const value of headers.all("cookie")) for (const pair of value.split(";")) addCookie(pair, secrets);
}

function addCookie(pair: string, secrets: Set<string>): void {
  add(pair.slice(pair.indexOf("=") + 1).trim(), secrets);
}

function add(value: string, secrets: Set<string>): void {
  if (value.length >= minSecret) secrets.add(value);
}
