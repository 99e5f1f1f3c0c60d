/** Deeper ones are nobody's, and whoever walks them needs a stack. */
const deepest = 200;

/**
 * JSON of which the end may be missing, as far as it goes: open texts, lists and maps are closed. Linear in the text.
 * @returns undefined: it is no JSON, or too deep
 */
export function readCutJson(text: string): unknown {
  const state = scan(text);
  if (state === null) return undefined;
  for (const [head, tail] of endingsOf(text, state)) {
    try {
      return JSON.parse(`${head}${tail}${state.closers}`);
    } catch {
      // Another ending may fit.
    }
  }
  return undefined;
}

interface Scanned {
  readonly closers: string;
  readonly inText: boolean;
}

function scan(text: string): Scanned | null {
  const open: string[] = [];
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (inText) {
      if (char === "\\") at += 1;
      else if (char === '"') inText = false;
      continue;
    }
    if (char === '"') inText = true;
    else if (char === "{") open.push("}");
    else if (char === "[") open.push("]");
    else if (char === "}" || char === "]") open.pop();
    if (open.length > deepest) return null;
  }
  return { closers: open.toReversed().join(""), inText };
}

/** What may have to be left off at the end, and what may have to follow, until it is whole. */
function endingsOf(text: string, { inText }: Scanned): readonly (readonly [string, string])[] {
  if (inText) {
    // An escape that was cut in two.
    const heads = [text, text.replace(/\\(?:u[0-9a-fA-F]{0,3})?$/, "")];
    return heads.flatMap((head) => [
      [head, '"'],
      [head, '":null'],
    ]);
  }
  const heads = [text, text.replace(/[\s,]+$/, ""), text.replace(/[\s,]*[-+.\w]*$/, "")];
  return heads.flatMap((head) => [
    [head, ""],
    [head, "null"],
    [head, ":null"],
  ]);
}
