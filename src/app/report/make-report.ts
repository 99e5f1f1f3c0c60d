import { join } from "node:path";
import { entryNumbers, readPast } from "#admin/configuration/read-newest.ts";
import { ReportBuilder } from "#audit/report/build-report.ts";
import type { AuditReport, ConfigurationChange, ReportedEvent } from "#audit/report/report.ts";
import { eachRecord } from "#audit/read/search.ts";
import type { SearchQuery } from "#audit/read/search-query.ts";
import type { VerifyResult } from "#audit/read/verify.ts";
import type { SearchIndex } from "#model/search-index.ts";
import { readSubscriptions } from "#storage/sqlite/read-subscriptions.ts";
import { reachOf } from "./reach.ts";

export interface ReportOptions {
  readonly dataPath: string;
  readonly index: SearchIndex | undefined;
  /** Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly now: number;
  readonly verification: VerifyResult;
  /** Of two sets of files, unified. */
  readonly diff: (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) => string;
}

/** Reads all that a report says, from a data folder whose gateway may run. */
export async function makeReport(options: ReportOptions): Promise<AuditReport> {
  const { dataPath, index, fromMs, toMs, now, verification } = options;
  const builder = new ReportBuilder();
  const query: SearchQuery = { fromMs, toMs, required: [], matches: () => true };
  await eachRecord(join(dataPath, "audit"), index, query, (found) => builder.add(found));
  const configFolder = join(dataPath, "config");
  const subscriptions = readSubscriptions(join(dataPath, "sallyport.db"));
  const { approvals, keys, configuration, people, gateway } = builder.events;
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    made: new Date(now).toISOString(),
    nodes: [...builder.nodes],
    environments: [...builder.environments],
    verification,
    reach: await reachOf(await inForceAt(configFolder, toMs), subscriptions, dataPath),
    activity: builder.activity,
    approvals,
    keys,
    configuration: await Promise.all(configuration.map((event) => withDiff(event, configFolder, options.diff))),
    people,
    gateway,
  };
}

/** The last configuration that came in force before the end. */
async function inForceAt(folder: string, toMs: number): ReturnType<typeof readPast> {
  for (const id of (await entryNumbers(folder)).toReversed()) {
    const past = await readPast(folder, id);
    if (past !== null && Date.parse(past.entry.time) <= toMs) return past;
  }
  return null;
}

async function withDiff(
  event: ReportedEvent,
  folder: string,
  diff: ReportOptions["diff"],
): Promise<ConfigurationChange> {
  const { entry, before } = event.details;
  if (typeof entry !== "number" || typeof before !== "number") return { ...event, diff: null };
  const [was, is] = [await readPast(folder, before), await readPast(folder, entry)];
  if (was === null || is === null) return { ...event, diff: null };
  return { ...event, diff: diff(Object.fromEntries(was.bundle.files), Object.fromEntries(is.bundle.files)) };
}
