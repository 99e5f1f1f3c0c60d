import { diagnosticCodes } from "#notation/codes.ts";

/** docs/reference/diagnostics.md: every problem that `check` can report. */
export function diagnosticReference(): string {
  const rows = Object.entries(diagnosticCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return [
    "# Diagnostics",
    "",
    "Generated from `src/notation/codes.ts` (`npm run schema`). `npx sallyport check` reports every problem of a definition at once, each with its place, one of these codes and, where it can be said, the fix. Codes are never renamed: scripts may match on them (`npx sallyport check --json`). With an error the definition does not load; a warning is only told.",
    "",
    "| code | meaning |",
    "| --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
