import type { ScimObject } from "#products/scim/attributes.ts";
import { type Filter, parseFilter } from "#products/scim/filter.ts";
import { ScimError } from "#products/scim/scim-error.ts";
import type { ScimPage } from "#storage/scim-interfaces.ts";
import type { SiteResponse } from "#model/site.ts";
import type { ScimCall } from "./scim-request.ts";
import { scimList } from "./scim-response.ts";

/** What there is of one kind, as a listing needs it. */
export interface Listable {
  readonly count: () => Promise<number>;
  readonly page: (page: ScimPage) => Promise<readonly ScimObject[]>;
  /** Answers a question for one attribute's value at once; null: it has to be looked for. */
  readonly find: (attribute: string, value: string) => Promise<ScimObject | null> | null;
}

const most = 200;
const batch = 500;
/** A filter that no index answers is held against so many. */
const mostLookedAt = 20_000;

/** @throws ScimError 400 @see RFC 7644 §3.4.2 */
export async function listResources({ query }: ScimCall, listable: Listable): Promise<SiteResponse> {
  const startIndex = Math.max(1, wholeNumber(query.get("startIndex"), 1));
  const limit = Math.min(most, Math.max(0, wholeNumber(query.get("count"), 100)));
  const text = query.get("filter");
  if (text !== null) {
    const found = await matching(parseFilter(text), listable);
    return scimList(found.slice(startIndex - 1, startIndex - 1 + limit), found.length, startIndex);
  }
  const total = await listable.count();
  const page = limit === 0 ? [] : await listable.page({ offset: startIndex - 1, limit });
  return scimList(page, total, startIndex);
}

async function matching({ test, equality }: Filter, listable: Listable): Promise<readonly ScimObject[]> {
  const direct = equality === null ? null : listable.find(equality.attribute, equality.value);
  if (direct !== null) {
    const one = await direct;
    return one === null ? [] : [one];
  }
  const found: ScimObject[] = [];
  for (let offset = 0; ; offset += batch) {
    if (offset >= mostLookedAt)
      throw new ScimError(400, "there are too many to look through: ask for a name", "tooMany");
    const page = await listable.page({ offset, limit: batch });
    found.push(...page.filter((resource) => test(resource)));
    if (page.length < batch) return found;
  }
}

function wholeNumber(text: string | null, otherwise: number): number {
  return text !== null && /^-?\d{1,9}$/.test(text) ? Number(text) : otherwise;
}
