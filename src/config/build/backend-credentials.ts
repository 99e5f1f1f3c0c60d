import type { Backend, BackendCredential } from "#model/definition.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import { fieldNameProblem } from "#notation/catalogue/field-names.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { SecretSource, TextSource } from "#config/shapes/secret.ts";
import type { Named } from "#config/shapes/record.ts";
import type { BackendInput } from "#config/table/backend.ts";
import type { BackendAuthorizationInput } from "#config/table/backend-credentials.ts";

const fieldValue = /^[\x21-\x7e](?:[\t\x20-\x7e]{0,8190}[\x21-\x7e])?$/;
const longestQueryValue = 8192;

/** Which of its credentials have to be fetched. */
export function credentialSources({ headers, query, authorization }: BackendInput): readonly SecretSource[] {
  const all = [...headers, ...query].flatMap(({ value }) => value);
  return [...all, authorization?.value.parameter, authorization?.value.password]
    .filter((one) => one !== undefined)
    .filter((one) => one.kind !== "plain");
}

export function buildBackendCredentials(
  { headers, query, authorization }: BackendInput,
  resources: Resources,
  problems: Problems,
): Backend["credentials"] {
  const isShown = authorization?.value.parameter !== undefined || authorization?.value.password !== undefined;
  if (headers.length === 0 && query.length === 0 && !isShown) return null;
  const checkField = (name: string, value: string, at: SourcePosition): void => {
    if (!fieldValue.test(value)) refuse(problems, at, `a header field (${name})`, "use printable ASCII");
  };
  const checkParameter = (name: string, value: string, at: SourcePosition): void => {
    if (!value.isWellFormed() || value.length > longestQueryValue) refuse(problems, at, `a query parameter (${name})`);
  };
  for (const header of headers) checkName(header, authorization?.at, problems);
  const fields = each(headers, resources, checkField);
  const shown = authorization?.value;
  if (shown !== undefined) fields.push(...ofAuthorization(shown, resources, checkField));
  return { headers: fields, query: each(query, resources, checkParameter) };
}

/** What could not be had has been reported. @see RFC 7617 §2 */
function ofAuthorization(
  { scheme, parameter, username, password }: BackendAuthorizationInput,
  resources: Resources,
  check: (name: string, value: string, at: SourcePosition) => void,
): readonly BackendCredential[] {
  const source = parameter ?? password;
  const text = source === undefined ? undefined : textOf(source, resources);
  if (source === undefined || text === undefined) return [];
  if (parameter !== undefined && scheme !== undefined) {
    check("Authorization", text, source.at);
    return [marked("Authorization", `${scheme} ${text}`, source, resources)];
  }
  if (password === undefined || username === undefined) return [];
  const encoded = Buffer.from(`${username.value}:${text}`, "utf8").toString("base64");
  return [marked("Authorization", `Basic ${encoded}`, source, resources)];
}

function checkName({ name, at }: Named<unknown>, other: SourcePosition | undefined, problems: Problems): void {
  const lower = name.toLowerCase();
  if (lower === "host") {
    problems.error("value-invalid", at, "Host is no credential", "write host: preserve or upstream at the backend");
  } else if (lower === "authorization" && other !== undefined) {
    problems.error("value-invalid", at, "Authorization is said twice", "leave it out here, or leave out authorization");
  } else if (fieldNameProblem(name) !== undefined) {
    problems.error(
      "value-invalid",
      at,
      `${name} cannot be a field of a backend`,
      "leave it out: the gateway writes it",
    );
  }
}

/** What could not be had has been reported. */
function each(
  named: readonly Named<readonly TextSource[]>[],
  resources: Resources,
  check: (name: string, value: string, at: SourcePosition) => void,
): BackendCredential[] {
  const found: BackendCredential[] = [];
  for (const { name, value: sources } of named) {
    for (const source of sources) {
      const text = textOf(source, resources);
      if (text === undefined) continue;
      check(name, text, source.at);
      found.push(marked(name, text, source, resources));
    }
  }
  return found;
}

function textOf(source: TextSource, { secrets }: Resources): string | undefined {
  return source.kind === "plain" ? source.value : secrets.get(source)?.reveal();
}

function marked(name: string, value: string, source: TextSource, { secrets }: Resources): BackendCredential {
  if (source.kind === "plain") return { name, value };
  return { name, secret: true, origin: secrets.get(source)?.origin ?? "", value };
}

/** Without what was found there. */
function refuse(problems: Problems, at: SourcePosition, where: string, fix?: string): void {
  problems.error("value-invalid", at, `this cannot stand in ${where}`, fix);
}
