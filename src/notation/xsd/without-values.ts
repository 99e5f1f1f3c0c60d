/** What the library says of a place, up to where values begin. Names of elements are all that a client can choose in it. */
const place = /^(Element '[^']{1,200}'(?:, attribute '[^']{1,200}')?: )(.*)$/s;

/** What names rules and names of the schema, and never a value. */
const harmless: readonly RegExp[] = [
  /^This element is not expected\.(?: Expected is (?:one of )?\( [^()]*\)\.)?$/,
  /^Missing child element\(s\)\.(?: Expected is (?:one of )?\( [^()]*\)\.)?$/,
  /^No matching global (?:element )?declaration available(?: for the validation root|, but demanded by the strict wildcard)\.$/,
  /^The attribute '[^']*' is (?:required but missing|not allowed)\.$/,
  /^Element content is not allowed, because the (?:content type is a simple type definition|type definition is simple)\.$/,
  /^Character content (?:other than whitespace )?is not allowed because the content type is (?:'element-only'|empty)\.$/,
];

const facet = /^\[facet '(\w+)'\]/;
const ofType = /' is not a valid value of the (?:atomic|list|union|local atomic) type(?: '([^']*)')?\.$/;

/** A message of the library as it can be told and recorded: what somebody sent is not in it. */
export function withoutValues(message: string): string {
  const [, where = "", what = ""] = place.exec(message.trimEnd()) ?? [];
  if (harmless.some((known) => known.test(what))) return `${where}${what}`.slice(0, 600);
  const rule = facet.exec(what)?.[1];
  if (rule !== undefined) return `${where}The value does not fit the facet ${rule}.`;
  const type = ofType.exec(what);
  if (type !== null)
    return `${where}The value is none of ${type[1] === undefined ? "its type" : `the type ${type[1]}`}.`;
  return where === "" ? "It does not fit the schema." : `${where}It does not fit the schema.`;
}
