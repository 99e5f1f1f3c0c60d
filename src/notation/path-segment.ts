const unreserved = /^[A-Za-z0-9\-._~!$&'()*+,=:@]$/;
const plain = /^[A-Za-z0-9\-._~!$&'()*+,=:@]*$/;
const decodable = /^[A-Za-z0-9\-._~!$&'()*,=:@]$/;

/**
 * Spells one literal segment the way the edge spells a request's path: what needs no encoding is plain, the rest
 * percent-encoded with upper-case hex. A template that is spelled otherwise would never match.
 * @returns undefined when no request's segment can look so (encoded slash, control, broken or double encoding)
 */
export function spellSegment(text: string): string | undefined {
  const spelled = spellPiece(text);
  return spelled === "." || spelled === ".." ? undefined : spelled;
}

/** The same for a part of a segment. */
export function spellPiece(text: string): string | undefined {
  if (plain.test(text)) return text;
  let result = "";
  for (let at = 0; at < text.length;) {
    const octet = /^%[0-9a-fA-F]{2}/.exec(text.slice(at, at + 3))?.[0];
    const character = octet ?? String.fromCodePoint(text.codePointAt(at) ?? 0);
    const spelled = octet === undefined ? spellCharacter(character) : spellOctet(octet);
    if (spelled === undefined) return undefined;
    result += spelled;
    at += character.length;
  }
  return isReachable(result) ? result : undefined;
}

/** The edge refuses what is encoded twice or is no text. Dot segments, which it takes out, are not looked for here. */
function isReachable(spelled: string): boolean {
  return !/%25[0-9a-fA-F]{2}/.test(spelled) && isUtf8(spelled);
}

function spellCharacter(character: string): string | undefined {
  if (unreserved.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const refused = code < 0x20 || code === 0x7f || character === "%" || character === "\\" || !character.isWellFormed();
  return refused ? undefined : encodeURIComponent(character);
}

function spellOctet(octet: string): string | undefined {
  const code = Number.parseInt(octet.slice(1), 16);
  const character = String.fromCharCode(code);
  if (code < 0x20 || code === 0x7f || character === "/" || character === "\\") return undefined;
  return decodable.test(character) ? character : octet.toUpperCase();
}

function isUtf8(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
