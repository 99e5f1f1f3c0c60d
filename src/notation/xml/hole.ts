/** What deployment tools fill in: `{name}`, `${name}`, `$(name)`, `#{name}#`, `__name__`, `<<name>>`. */
const hole = /\$\{[^}\s]{1,100}\}|\$\([\w.]{1,100}\)|#\{[^}\s]{1,100}\}#?|__\w{1,100}__|\{[A-Za-z][\w.-]{0,100}\}/;

/** The first hole of a text, or undefined. */
export function findHole(text: string): string | undefined {
  return hole.exec(text)?.[0];
}
