import type { Buffer } from "node:buffer";
import { childrenOf, contentOf, type Element, elementAt, expect, sequence } from "./der.ts";

/** Whom a list speaks of. */
export interface ListScope {
  readonly users: boolean;
  readonly authorities: boolean;
  /** It is the list of these places only; null: of all. */
  readonly urls: readonly string[] | null;
}

export const everybody: ListScope = { users: true, authorities: true, urls: null };

const point = 0xa0;
const usersOnly = 0x81;
const authoritiesOnly = 0x82;
const uri = 0x86;
const understood = new Set([point, usersOnly, authoritiesOnly]);

/**
 * Reads an issuing distribution point. A list for some reasons only, one that holds certificates of others and one of
 * attribute certificates would have to be read otherwise: they are refused.
 *
 * @throws Error
 * @see RFC 5280 §5.2.5
 */
export function scopeOf(der: Buffer, value: Element): ListScope {
  const fields = childrenOf(der, expect(elementAt(der, value.at, value.end), sequence));
  const other = fields.find((field) => !understood.has(field.tag) && isSet(der, field));
  if (other !== undefined) throw new Error("the list is for some reasons only, or not only of its issuer");
  const isOnly = (tag: number): boolean => fields.some((field) => field.tag === tag && isSet(der, field));
  const place = fields.find(({ tag }) => tag === point);
  return {
    users: !isOnly(authoritiesOnly),
    authorities: !isOnly(usersOnly),
    urls: place === undefined ? null : urlsOf(der, place),
  };
}

function urlsOf(der: Buffer, place: Element): readonly string[] {
  const [names] = childrenOf(der, place);
  return childrenOf(der, expect(names, point)).flatMap((name) =>
    name.tag === uri ? contentOf(der, name).toString("latin1") : [],
  );
}

/** A flag that is written out as false says what its absence does. */
function isSet(der: Buffer, { at, end }: Element): boolean {
  return end - at !== 1 || der[at] !== 0;
}
