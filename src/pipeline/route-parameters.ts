/** Values of a template's parameters by name, percent-decoded. No prototype: `constructor` is nobody's value. */
export type Parameters = Readonly<Record<string, string>>;

/** What `new` gives here has no prototype chain and still the fast shape of an instance; `Object.create(null)` has not. */
export const Bare = function Bare() {} as unknown as new () => Record<string, string>;
Bare.prototype = Object.create(null);

export const noParameters: Parameters = Object.freeze(new Bare());

/** @param places start and end of each value in the path, in the order of the names */
export function readParameters(path: string, names: readonly string[], places: Int32Array): Parameters {
  const parameters = new Bare();
  for (let index = 0; index < names.length; index++) {
    const text = path.slice(places[2 * index], places[2 * index + 1]);
    parameters[names[index] as string] = text.includes("%") ? decode(text) : text;
  }
  return parameters;
}

/** A normalised path always decodes. Should one ever not, the text as it came is still a value, and no error. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
