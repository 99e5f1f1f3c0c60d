const placeholder = /(\{\{[A-Za-z0-9][A-Za-z0-9._-]{0,99}\}\})/;

/** A string literal of C#. Double braces are broken up: API Management fills in named values before it compiles. */
export function quote(text: string): string {
  return `"${inside(text)}"`;
}

/** The same of a text that named values are to be filled into. @returns their names too: none may end the literal */
export function quoteOpen(text: string): { readonly code: string; readonly names: readonly string[] } {
  const pieces = text.split(placeholder);
  const code = pieces.map((piece, index) => (index % 2 === 0 ? inside(piece) : piece)).join("");
  return { code: `"${code}"`, names: pieces.filter((_, index) => index % 2 === 1).map((one) => one.slice(2, -2)) };
}

function inside(text: string): string {
  const escaped = text.replace(/[\\"\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/gu, escapeUnit);
  return escaped.replace(/\{(?=\{)/g, "\\u007b");
}

function escapeUnit(unit: string): string {
  if (unit === "\\" || unit === '"') return `\\${unit}`;
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
