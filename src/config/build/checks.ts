import type { CheckInput, ExpectInput } from "#config/table/check.ts";
import type { Named } from "#config/shapes/record.ts";
import type { DeclaredCheck, ExpectedAnswer } from "#model/declared-check.ts";

/** What is missing of one has been reported. */
export function buildChecks(checks: readonly Named<CheckInput>[]): readonly DeclaredCheck[] {
  return checks.flatMap(({ name, value: { request, headers, token, key, body, expect } }) => {
    if (request === undefined || expect === undefined) return [];
    return {
      name,
      ...request,
      headers: headers.flat(),
      tokenVariable: token?.env ?? null,
      keyVariable: key?.env ?? null,
      body: body ?? null,
      expect: expectedAnswer(expect),
    };
  });
}

function expectedAnswer({ status, reason, headers, contains, echoes, within }: ExpectInput): ExpectedAnswer {
  return {
    status: status ?? [],
    reason: reason ?? null,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    contains: contains ?? null,
    ...(echoes.length === 0 ? {} : { echoes }),
    withinMs: within,
  };
}
