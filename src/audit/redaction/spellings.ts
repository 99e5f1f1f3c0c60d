/** A value as it may stand in a text: as it is, inside of JSON, and in URLs and forms, with either case of the digits. */
export function spellings(value: string): readonly string[] {
  if (/^[\w.~-]*$/.test(value)) return [value];
  const encoded = encodeURIComponent(value.toWellFormed());
  const inForm = new URLSearchParams({ x: value }).toString().slice(2);
  return [value, JSON.stringify(value).slice(1, -1), ...[encoded, inForm].flatMap((text) => [text, lowered(text)])];
}

function lowered(text: string): string {
  return text.replaceAll(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase());
}
