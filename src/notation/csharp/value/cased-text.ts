/** As .NET's: each character by itself, so that no text becomes longer and no letter looks at its neighbours. */
export function upper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : eachCased(text, (letter) => letter.toUpperCase());
}

export function lower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : eachCased(text, (letter) => letter.toLowerCase());
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function eachCased(text: string, change: (letter: string) => string): string {
  let made = "";
  for (const letter of text) {
    const changed = change(letter);
    made += changed.length === letter.length ? changed : letter;
  }
  return made;
}
