const textEntities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const attributeEntities: Readonly<Record<string, string>> = {
  ...textEntities,
  '"': "&quot;",
  "\t": "&#x9;",
  "\n": "&#xA;",
};

/** What XML 1.0 has no way to write: left out, or no reader could read the rest. @see XML 1.0 §2.2 */
// oxlint-disable-next-line no-control-regex -- these are the characters that XML does not have
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

export function escapeText(text: string): string {
  return clean(text).replaceAll(/[&<>\r]/g, (character) => textEntities[character] ?? "&#xD;");
}

export function escapeAttribute(text: string): string {
  return clean(text).replaceAll(/[&<>"\t\n\r]/g, (character) => attributeEntities[character] ?? "&#xD;");
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll(unwritable, "");
}

const nameStart = /[\p{L}_]/u;
const nameCharacter = /[\p{L}\p{N}\p{M}._\u00b7-]/u;

/**
 * A name made of any text: what a name cannot hold is written as its code point, as .NET's XmlConvert.EncodeLocalName
 * does. No member can bring in markup by its name.
 */
export function xmlName(text: string): string {
  if (text === "") return "_x0000_";
  let name = "";
  for (const character of text) {
    const fits = (name === "" ? nameStart : nameCharacter).test(character);
    name += fits ? character : encoded(character);
  }
  return name;
}

function encoded(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `_x${code
    .toString(16)
    .toUpperCase()
    .padStart(code > 0xffff ? 8 : 4, "0")}_`;
}
