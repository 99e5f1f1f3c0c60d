import type { Drifted } from "#interop/apim/drift/compare.ts";
import { diffFiles } from "#cli/admin/text-diff.ts";

/** For people: each thing with its lines, `-` as the definition has it and `+` as it is there. */
export function describeDrift(differences: readonly Drifted[], against: string): string {
  if (differences.length === 0) return `${against} is what the definition says\n`;
  const side = (pick: (one: Drifted) => string | null): Readonly<Record<string, string>> =>
    Object.fromEntries(
      differences.flatMap((one) => {
        const text = pick(one);
        return text === null ? [] : [[one.path, text]];
      }),
    );
  const counted = (kind: Drifted["kind"]): number => differences.filter((one) => one.kind === kind).length;
  const diff = diffFiles(
    side(({ expected }) => expected),
    side(({ actual }) => actual),
  );
  return `${diff}${against}: ${counted("changed")} changed, ${counted("missing")} missing, ${counted("extra")} not of the definition\n`;
}
