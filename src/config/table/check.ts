import { parseHeaderName } from "#config/checks/words.ts";
import { list, oneOrMore } from "#config/shapes/list.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { anyText, type Parsed, text } from "#config/shapes/text.ts";

export interface CheckInput {
  readonly request: RequestInput | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly token: VariableInput | undefined;
  readonly key: VariableInput | undefined;
  readonly body: string | undefined;
  readonly expect: ExpectInput | undefined;
}

export interface RequestInput {
  readonly method: string;
  readonly url: string;
}

/** Not a secret of the gateway's: it never reads it. */
export interface VariableInput {
  readonly env: string | undefined;
}

export interface ExpectInput {
  readonly status: readonly number[] | undefined;
  readonly reason: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly contains: string | undefined;
  readonly echoes: readonly string[];
  readonly within: number;
}

function parseRequest(written: string): Parsed<RequestInput> {
  const [, method, url] = /^([A-Z]+) (https?:\/\/[^\s#]+|\/[^\s#]*)$/.exec(written) ?? [];
  return method === undefined || url === undefined
    ? {
        problem: `${JSON.stringify(written)} is no request`,
        fix: "write GET /orders/7, or GET https://api.example.com/orders/7",
      }
    : { value: { method, url } };
}

function parseField(written: string): Parsed<readonly [string, string]> {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)$/.exec(written) ?? [];
  return name === undefined || value === undefined
    ? { problem: `${JSON.stringify(written)} is no header field`, fix: 'write "Accept: application/json"' }
    : { value: [name, value] };
}

function parseVariable(name: string): Parsed<string> {
  return /^[A-Za-z_]\w*$/.test(name)
    ? { value: name }
    : { problem: `${JSON.stringify(name)} is no name of an environment variable`, fix: "write { env: STAFF_TOKEN }" };
}

const variableShape = object<VariableInput>("a value of whoever verifies", {
  env: {
    shape: text("an environment variable", parseVariable),
    about: "Environment variable of whoever runs verify; the gateway does not read it.",
    required: true,
  },
});

const fields = list(text("a header field", parseField));

const expectShape = object<ExpectInput>("expect", {
  status: { shape: oneOrMore(integer(100, 599)), about: "Status, or those of which one is due.", required: true },
  reason: { shape: anyText, about: "Code of the refusal: access-denied." },
  headers: { shape: fields, about: '"RateLimit-Limit: 100"; with * for its value it must be there.', default: [] },
  contains: { shape: anyText, about: "Text that the body holds." },
  echoes: {
    shape: list(text("the name of a header field", parseHeaderName)),
    about: "Fields whose values the body holds as they were sent, of a path that shows what arrives: [Authorization].",
    default: [],
  },
  within: { shape: duration(1, 60_000), about: "Time until the whole answer is there.", default: 10_000 },
});

export const checkShape: ObjectShape<CheckInput> = object<CheckInput>("a check", {
  request: {
    shape: text("a request", parseRequest),
    about: "Method and URL, or method and path: GET /orders/7.",
    required: true,
  },
  headers: { shape: fields, about: '"Accept: application/json".', default: [] },
  token: { shape: variableShape, about: "Sent as a bearer token." },
  key: { shape: variableShape, about: "Sent as a subscription key." },
  body: { shape: anyText, about: "Body of the request." },
  expect: { shape: expectShape, about: "The answer that is due.", required: true },
});
