import { reasons } from "#model/reasons.ts";

/** docs/reference/reasons.md: the closed list of reasons. */
export function reasonReference(): string {
  const rows = Object.entries(reasons).map(
    ([code, { status, message, remedy }]) => `| \`${code}\` | ${status} | ${message} | ${remedy} |`,
  );
  return [
    "# Reasons",
    "",
    "Generated from `src/model/reasons.ts` (`npm run schema`). Every refusal carries one of these codes: in the answer (`reason`), in the record, and in `npx sallyport explain <request id>`. Codes are never renamed.",
    "",
    "| code | status | what the client reads | what would have to change |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
