import type { XmlValue } from "./document.ts";
import type { XmlReading } from "./reading.ts";

/** What deployment tools fill in: `{name}`, `${name}`, `$(name)`, `#{name}#`, `__name__`, `%{ if … }`. */
const hole =
  /[$%]\{[^}]{1,200}\}|\{%.{1,200}%\}|\$\([\w.]{1,100}\)|#\{[^}\s]{1,100}\}#?|__\w{1,100}__|\{[A-Za-z][\w.-]{0,100}\}/;

/** The first hole of a text, or undefined. */
export function findHole(text: string): string | undefined {
  return hole.exec(text)?.[0];
}

/** Whether a text is what a deployment tool replaces by elements, or leaves out; a warning says so. */
export function isHole(reading: XmlReading, owner: string, { start, end }: XmlValue): boolean {
  const { problems, document, open } = reading;
  const found = open ? findHole(document.source.text.slice(start, end)) : undefined;
  if (found === undefined) return false;
  const fix = "give it a value: --set NAME=VALUE";
  problems.warn("template-hole", document.source.at(start), `${owner}: ${found} is to be filled in before`, fix);
  return true;
}
