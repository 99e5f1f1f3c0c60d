/** Its owner may want to know of it. */
export type { StaleKey } from "#storage/interfaces.ts";
