/**
 * Gives the holes of deployment tools their values: `{name}`, `${name}`, `$(name)`, `#{name}#`. Named values in
 * double braces are another thing, and left alone.
 */
export function fillHoles(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$\(([\w.-]{1,100})\)|#\{([\w.-]{1,100})\}#|(?<!\{)\$?\{([\w.-]{1,100})\}(?!\})/g,
    (hole, ...names) => {
      const name = names.slice(0, 3).find((one) => typeof one === "string");
      return typeof name === "string" && Object.hasOwn(values, name) ? (values[name] ?? hole) : hole;
    },
  );
}
