/** Rows of a CSV text, with quoted fields. @see RFC 4180 */
export function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  const source = text.replace(/^\ufeff/, "");
  while (field.lastIndex < source.length) {
    const at = field.lastIndex;
    const match = field.exec(source);
    if (match === null) throw new SyntaxError(`line ${source.slice(0, at).split("\n").length} is no CSV`);
    const [, quoted, plain = "", end] = match;
    row.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (end === ",") continue;
    if (row.some((one) => one !== "")) rows.push(row);
    row = [];
  }
  return rows;
}
