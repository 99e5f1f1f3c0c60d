import { join, resolve } from "node:path";
import { ConfigurationFolder } from "#admin/configuration/folder.ts";
import { History } from "#admin/configuration/history.ts";
import { finishChange, hasJournal, Journal } from "#admin/configuration/journal.ts";
import { createClock } from "#threads/clock.ts";
import { type DataDirectory, openDataDirectory } from "./data-directory.ts";
import type { GatewayOptions } from "./gateway.ts";
import { createJsonLog } from "./log.ts";
import { Reloader, type ReloaderOptions } from "./reloader.ts";

export interface ConfigurationOptions
  extends
    Pick<GatewayOptions, "file" | "load" | "loaded" | "onReload">,
    Pick<ReloaderOptions, "prepare" | "clock" | "log" | "meter" | "events"> {
  readonly data: DataDirectory;
}

/** The configuration in force with its history. The data folder is locked by now. */
export async function openConfiguration(options: ConfigurationOptions): Promise<Reloader> {
  const { file, loaded, data, clock, log } = options;
  const path = configurationPath(data.path);
  const history = await History.open({ folder: path, limits: loaded.definition.admin.history, clock, log });
  const journal = new Journal(path);
  const folder = new ConfigurationFolder(file);
  return Reloader.open({ ...options, folder, history, journal, running: { ...loaded, file } });
}

/**
 * Finishes a change that a crash cut off, before the definition is read. Without one, which is nearly always, nothing
 * is opened. When another gateway has the data folder, the change is that one's.
 */
export async function recoverConfiguration({
  dataPath,
  file,
  logLevel,
}: Pick<GatewayOptions, "dataPath" | "file" | "logLevel">): Promise<void> {
  const path = configurationPath(resolve(dataPath));
  if (!hasJournal(path)) return;
  const clock = createClock();
  const log = createJsonLog((line) => process.stderr.write(`${line}\n`), clock.now, logLevel);
  const data = openDataDirectory(resolve(dataPath));
  try {
    const history = await History.open({ folder: path, limits: unlimited, clock, log });
    await finishChange(new Journal(path), history, new ConfigurationFolder(file), log);
  } finally {
    data.unlock();
  }
}

/** The definition, which says them, is read later. */
const unlimited = { keep: Number.MAX_SAFE_INTEGER, maxAgeMs: Number.MAX_SAFE_INTEGER };

function configurationPath(dataPath: string): string {
  return join(dataPath, "config");
}
