/** Numbers as xsl:number writes them: `1`, `01`, `a`, `A`, `i`, `I`, with what stands between. @see XSLT 1.0 §7.7 */
export function formatCount(numbers: readonly number[], format: string, group: string, groupSize: number): string {
  const tokens = [...format.matchAll(/[\p{L}\p{N}]+/gu)];
  const first = tokens[0];
  const last = tokens.at(-1);
  const prefix = first === undefined ? format : format.slice(0, first.index);
  const suffix = last === undefined ? "" : format.slice(last.index + last[0].length);
  let text = prefix;
  for (const [index, number] of numbers.entries()) {
    const token = tokens[Math.min(index, tokens.length - 1)];
    if (index > 0) text += separatorBefore(tokens, index, format);
    text += oneNumber(number, token?.[0] ?? "1", group, groupSize);
  }
  return text + suffix;
}

function separatorBefore(tokens: readonly RegExpExecArray[], index: number, format: string): string {
  const at = Math.min(index, tokens.length - 1);
  const token = tokens[at];
  const before = tokens[at - 1];
  return token === undefined || before === undefined ? "." : format.slice(before.index + before[0].length, token.index);
}

function oneNumber(number: number, token: string, group: string, groupSize: number): string {
  if (!Number.isFinite(number) || number < 1) return String(number);
  if (token === "a" || token === "A") {
    const letters = inLetters(number);
    return token === "a" ? letters : letters.toUpperCase();
  }
  if ((token === "i" || token === "I") && number < 4000) {
    const roman = inRoman(number);
    return token === "I" ? roman : roman.toLowerCase();
  }
  const digits = String(number).padStart(/^0*1$/.test(token) ? token.length : 1, "0");
  if (group === "" || groupSize < 1) return digits;
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= groupSize)
    groups.unshift(digits.slice(Math.max(0, end - groupSize), end));
  return groups.join(group);
}

function inLetters(number: number): string {
  let letters = "";
  for (let rest = number; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCodePoint(97 + ((rest - 1) % 26)) + letters;
  return letters;
}

const romans: readonly (readonly [number, string])[] = [
  [1000, "M"],
  [900, "CM"],
  [500, "D"],
  [400, "CD"],
  [100, "C"],
  [90, "XC"],
  [50, "L"],
  [40, "XL"],
  [10, "X"],
  [9, "IX"],
  [5, "V"],
  [4, "IV"],
  [1, "I"],
];

function inRoman(number: number): string {
  let rest = number;
  let text = "";
  for (const [value, sign] of romans) {
    while (rest >= value) {
      text += sign;
      rest -= value;
    }
  }
  return text;
}
