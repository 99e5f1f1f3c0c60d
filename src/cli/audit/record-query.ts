import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Indexer } from "#audit/index/indexer.ts";
import type { SearchQuery } from "#audit/read/search-query.ts";
import { searchIndexFile } from "#app/data-directory.ts";
import { GatewayError } from "#model/errors.ts";
import type { SearchIndex } from "#model/search-index.ts";
import { compileRecordFilter } from "#notation/cel/record-filter.ts";
import { openSearchIndex } from "#storage/sqlite/search-index.ts";
import { withProgress } from "#cli/admin/progress.ts";
import { problem } from "#cli/failure.ts";
import { type TimeRangeOptions, timeRangeOf } from "#cli/time-range.ts";

/** The query of a command's filter and range; undefined when the filter is no filter, which is said then. */
export function recordQuery(filter: string | undefined, range: TimeRangeOptions): SearchQuery | undefined {
  const { fromMs, toMs } = timeRangeOf(range, Date.now());
  const compiled = compileRecordFilter(filter ?? "true");
  if (compiled.ok) {
    const { matches, required } = compiled.filter;
    return { fromMs, toMs, required, matches: (record) => matches(record as unknown as Record<string, unknown>) };
  }
  const { message, offset } = compiled.problem;
  const fix = `write it in CEL over the members of a record, such as 'decision == "deny" && status == 403'`;
  process.stderr.write(`${problem(`the filter, at character ${offset + 1}: ${message}`, "filter-invalid", fix)}\n`);
  process.exitCode = 2;
  return undefined;
}

/**
 * Does `work` with the index, brought up to date first; without one where none can be written, since another user's
 * files must not come into the gateway's folder.
 */
export async function withIndex<T>(
  data: string,
  directory: string,
  work: (index?: SearchIndex) => Promise<T>,
): Promise<T> {
  const index = openIndex(data);
  if (index === undefined) return await withProgress("reading the record", work());
  try {
    const indexer = new Indexer({ directory, index });
    await withProgress("indexing the record", indexAll(indexer));
    return await withProgress("searching the record", work(index));
  } finally {
    index.close();
  }
}

async function indexAll(indexer: Indexer): Promise<void> {
  while ((await indexer.advance()) > 0);
}

function openIndex(data: string): SearchIndex | undefined {
  const path = join(data, searchIndexFile);
  const isOurs = process.getuid === undefined || statSync(data).uid === process.getuid();
  if (!isOurs && !existsSync(path)) return undefined;
  try {
    return openSearchIndex(path);
  } catch (error) {
    if (error instanceof GatewayError && error.code === "store-unavailable") return undefined;
    throw error;
  }
}
