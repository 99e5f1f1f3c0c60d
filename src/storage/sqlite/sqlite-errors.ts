import { GatewayError } from "#model/errors.ts";

/** Primary result codes. @see https://sqlite.org/rescode.html */
const corrupt = 11;
const constraint = 19;
const notADatabase = 26;
/** Extended codes of a constraint: PRIMARYKEY, UNIQUE. */
const taken: ReadonlySet<number> = new Set([1555, 2067]);

/** SQLite's failures as ours; what is none of SQLite's goes through as it is. Messages of SQLite hold no values. */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return error;
  const primary = error.errcode & 0xff;
  if (taken.has(error.errcode)) {
    return new GatewayError("store-conflict", 409, "this name or key is taken", { source: "store", cause: error });
  }
  // A value that no column takes was made by us, and trying again will not help.
  if (primary === constraint)
    return new GatewayError("internal", 500, error.message, { source: "store", cause: error });
  if (primary === corrupt || primary === notADatabase) {
    const message = `the database is damaged: ${error.message}; restore a backup`;
    return new GatewayError("store-corrupt", 500, message, { source: "store", cause: error });
  }
  const message = `the database failed: ${error.message}`;
  return new GatewayError("store-unavailable", 503, message, { source: "store", retryable: true, cause: error });
}

/** @throws GatewayError by {@link storeError} */
export function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(error);
  }
}
