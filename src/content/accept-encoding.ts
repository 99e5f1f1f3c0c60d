/** Codings that are made or found here, by the names of the registry. @see RFC 9110 §8.4.1, RFC 8878, RFC 7932 */
export type Coding = "zstd" | "br" | "gzip";

/** Longest field that is read; more is nobody's browser. */
const maxLength = 1000;
const weightPattern = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * The coding to answer with, among those on offer: the one the client weighs most, at the same weight the one that
 * stands first in `offered`; null for none.
 * @param field Accept-Encoding, its lines joined; absent or empty means that nothing is asked for
 * @see RFC 9110 §12.5.3
 */
export function chooseCoding(field: string | undefined, offered: readonly Coding[]): Coding | null {
  if (field === undefined || field.length > maxLength) return null;
  const weights = readWeights(field);
  let best: Coding | null = null;
  let most = 0;
  for (const coding of offered) {
    const weight = weights.get(coding) ?? (coding === "gzip" ? weights.get("x-gzip") : undefined) ?? weights.get("*");
    if (weight !== undefined && weight > most) [best, most] = [coding, weight];
  }
  // What the client likes better as it is stays as it is.
  return best !== null && (weights.get("identity") ?? 0) > most ? null : best;
}

/** Whether the client says that it will not take the response as it is: `identity;q=0`, or `*;q=0`. */
export function refusesIdentity(field: string | undefined): boolean {
  if (field === undefined || field.length > maxLength) return false;
  const weights = readWeights(field);
  return (weights.get("identity") ?? weights.get("*")) === 0;
}

/** A member with a weight that cannot be read is not asked for. */
function readWeights(field: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const member of field.split(",")) {
    const [name = "", ...parameters] = member.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
    if (name !== "" && weightPattern.test(weight)) weights.set(name, Number(weight));
  }
  return weights;
}
