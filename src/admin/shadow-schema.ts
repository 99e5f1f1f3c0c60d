import { count, type JsonSchema, list, object, string, time } from "./schema-parts.ts";

const totals: Readonly<Record<string, JsonSchema>> = {
  api: string,
  same: count,
  different: count,
  unanswered: { ...count, description: "The old gateway gave no answer." },
  skipped: { ...count, description: "Left out: too many at a time, or the client did not take its answer." },
};

const difference: Readonly<Record<string, JsonSchema>> = {
  api: string,
  operation: string,
  kind: { ...string, description: "In what: status, header-missing, field-type and so on." },
  place: { ...string, description: "Name of a header or cookie, or JSON pointer with `*` for any item." },
  old: { ...string, description: "What the old gateway's last one was; empty where it may be a secret." },
  new: string,
  count,
  firstAt: time,
  lastAt: time,
  example: { ...string, description: "Id of the last request that showed it: `sallyport explain`." },
};

export const shadowSchema: JsonSchema = object({
  since: time,
  apis: list(object(totals)),
  differences: list(object(difference)),
  dropped: { ...count, description: "Differences that there was no room for." },
});
