export type ScimKind = "user" | "group";

/** What a provider calls a user or a group that it keeps here by SCIM. */
export interface ScimRecord {
  /** Name of the provider in the definition. */
  readonly provider: string;
  readonly kind: ScimKind;
  /** Id of the user, name of the group. */
  readonly id: string;
  readonly externalId: string | null;
  /** `userName`, `displayName`: of one kind of a provider unique, whatever its case. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** @param offset 0 or more @param limit 1 to 10,000 */
export interface ScimPage {
  readonly offset: number;
  readonly limit: number;
}

/** Errors as in `SubscriptionStore`. */
export interface ScimStore {
  /** Makes it, or makes it exactly this. @throws GatewayError `store-conflict` for a name that is taken */
  put(record: ScimRecord): void;
  get(provider: string, kind: ScimKind, id: string): ScimRecord | null;
  byName(provider: string, kind: ScimKind, name: string): ScimRecord | null;
  byExternalId(provider: string, kind: ScimKind, externalId: string): ScimRecord | null;
  /** By id. */
  list(provider: string, kind: ScimKind, page: ScimPage): readonly ScimRecord[];
  count(provider: string, kind: ScimKind): number;
  /** False: there is none. */
  remove(provider: string, kind: ScimKind, id: string): boolean;
}
