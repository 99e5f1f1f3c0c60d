import { badFormat } from "./net-exception.ts";
import { charge } from "./run.ts";

/**
 * Goes through a custom format of dates and time spans: runs of one letter are asked for, quoted and escaped text
 * stands for itself, and so does every other character.
 */
export function customText(format: string, part: (letter: string, count: number) => string): string {
  charge(format.length * 4);
  let result = "";
  for (let at = 0; at < format.length;) {
    const char = format[at] as string;
    if (char === "\\") {
      result += format[at + 1] ?? "";
      at += 2;
    } else if (char === "'" || char === '"') {
      const end = format.indexOf(char, at + 1);
      if (end === -1) throw badFormat();
      result += format.slice(at + 1, end);
      at = end + 1;
    } else if (char === "%") at++;
    else if (/[a-zA-Z]/.test(char)) {
      let count = 1;
      while (format[at + count] === char) count++;
      result += part(char, count);
      at += count;
    } else {
      result += char;
      at++;
    }
  }
  return result;
}
