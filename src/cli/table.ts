/** Lines of a table: columns two blanks apart, as wide as their widest cell. Cells must not steer the terminal. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const lines = [head, ...rows].map((row) => row.map((cell) => printable(cell)));
  const widths = head.map((_, column) => Math.max(...lines.map((row) => row[column]?.length ?? 0)));
  return lines.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function printable(cell: string): string {
  return cell.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}
