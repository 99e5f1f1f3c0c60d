import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { AdminOptions } from "#cli/admin/connection.ts";
import type { Configuration } from "#cli/admin/answers.ts";
import { readConfiguration } from "#cli/admin/read.ts";
import { problem } from "#cli/failure.ts";
import { gitFiles } from "./git-files.ts";
import { readSide, type Side, SideFailure } from "./side.ts";

/** What an environment runs today. */
export interface Today {
  readonly side: Side;
  /** For people: where it was read from. */
  readonly source: string;
  /** Of a running gateway. */
  readonly configuration?: Configuration;
}

export interface TodayOptions extends AdminOptions {
  readonly config: string;
  readonly against?: string;
  readonly since?: string;
  /** Absent: the only environment that there is. */
  readonly to?: string;
}

/**
 * Reads it from a file, from a git revision, or from the gateway that runs it.
 * @throws SideFailure where it cannot be read, or the gateway runs another environment
 * @throws AdminFailure where no gateway answers
 */
export async function readToday(environment: string, options: TodayOptions): Promise<Today> {
  const { config, against, since, to } = options;
  if (against !== undefined) {
    return { side: await readSide({ file: resolve(against), environment: to, readFile }), source: against };
  }
  if (since !== undefined) {
    const file = resolve(config);
    const side = await readSide({ file, environment: to, readFile: await gitFiles(since, file) });
    return { side, source: `${config} of ${since}` };
  }
  return readRunning(environment, options);
}

async function readRunning(environment: string, options: TodayOptions): Promise<Today> {
  const configuration = await readConfiguration(options);
  const { files, definition, id } = configuration;
  if (configuration.environment !== environment) {
    const message = `the gateway runs ${configuration.environment}, and not ${environment}`;
    const fix = "name the one that runs it: --data or --admin-url; or --since <revision>, or --against <file>";
    throw new SideFailure(problem(message, "environment-differs", fix));
  }
  const folder = dirname(resolve(options.config));
  const side = await readSide({
    file: join(folder, definition),
    environment: options.to,
    // Certificates and other files that are no text stay with the gateway: those that are here stand for them.
    readFile: async (path) => {
      const text = files[relative(folder, path).replaceAll(sep, "/")];
      return text === undefined ? readFile(path) : Buffer.from(text);
    },
  });
  return { side, source: `configuration ${id} of the gateway`, configuration };
}
