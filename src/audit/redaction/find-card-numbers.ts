/** From where to where in a text. */
export type Span = readonly [from: number, to: number];

const shortest = 13;
const longest = 19;

/**
 * Numbers of payment cards: 13 to 19 digits (ISO/IEC 7812-1), in groups or not, whose check digit is right. Linear in the
 * text: each group of digits is the beginning of at most some tries of bounded length.
 */
export function findCardNumbers(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (!isDigit(text.charCodeAt(at)) || isDigit(text.charCodeAt(at - 1))) continue;
    const end = cardEnd(text, at);
    if (end < 0) continue;
    spans.push([at, end]);
    at = end - 1;
  }
  return spans;
}

/** Where the longest card number ends that begins here; -1: none does. */
function cardEnd(text: string, from: number): number {
  let digits = "";
  let end = -1;
  for (let at = from; at < text.length && digits.length <= longest;) {
    if (isDigit(text.charCodeAt(at))) {
      digits += text.charAt(at);
      at += 1;
      const isWhole = digits.length >= shortest && digits.length <= longest && !isDigit(text.charCodeAt(at));
      if (isWhole && hasCheckDigit(digits)) end = at;
    } else {
      const next = at + separatorLength(text, at);
      if (next === at || !isDigit(text.charCodeAt(next))) break;
      at = next;
    }
  }
  return end;
}

/** Between groups, as people write them and as a query carries them. */
function separatorLength(text: string, at: number): number {
  const one = text.charAt(at);
  if (one === " " || one === "-" || one === "+" || one === ".") return 1;
  return text.startsWith("%20", at) || text.startsWith("%2D", at) || text.startsWith("%2d", at) ? 3 : 0;
}

/** Luhn's formula. A row of zeros satisfies it, and is no card. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, isDoubled = false; at >= 0; at -= 1, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(at) - 0x30;
    const weight = isDoubled ? digit * 2 : digit;
    sum += weight > 9 ? weight - 9 : weight;
  }
  return sum > 0 && sum % 10 === 0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
