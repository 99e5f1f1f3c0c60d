import { randomUUID } from "node:crypto";
import { type FSWatcher, mkdirSync, watch } from "node:fs";
import { chown, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { processUser } from "#lib/process-user.ts";
import { join } from "node:path";
import { replaceFile } from "#lib/durable-file.ts";
import { type ControlEvent, type ControlEventName, controlEvents, type EventDetail } from "#model/control-events.ts";
import type { EventRecorder, Log } from "#model/ports.ts";
import { anonymous, type Principal } from "#model/principal.ts";

const folderOf = (dataPath: string): string => join(dataPath, "events");
const ending = ".json";
/** Some file systems tell nobody of changes. */
const lookEveryMs = 60_000;
const mostCharacters = 64 * 1024;

/**
 * Leaves an event for the record of the gateway that runs with the data folder, or that will: what the command line does
 * to a folder is done without a gateway. On the disk when this resolves.
 */
export async function leaveEvent(dataPath: string, { event, details }: ControlEvent): Promise<void> {
  const folder = folderOf(dataPath);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, username } = processUser();
  const file = join(folder, `${randomUUID()}${ending}`);
  await replaceFile(file, JSON.stringify({ event, details, by: { uid, username } }), 0o600, "new");
  if (uid !== 0) return;
  // The gateway is to read what root leaves.
  const owner = await stat(dataPath);
  await chown(folder, owner.uid, owner.gid);
  await chown(file, owner.uid, owner.gid).catch(unlessTaken);
}

/** A gateway that runs as root, too, may have taken it already. */
function unlessTaken(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

/** Takes such events into the record. A crash in between takes one twice, and loses none. */
export class LeftEvents {
  readonly #folder: string;
  readonly #events: EventRecorder;
  readonly #log: Log;
  readonly #watcher: FSWatcher;
  readonly #timer: NodeJS.Timeout;
  #last: Promise<void> = Promise.resolve();

  constructor(dataPath: string, events: EventRecorder, log: Log) {
    this.#folder = folderOf(dataPath);
    this.#events = events;
    this.#log = log;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#watcher = watch(this.#folder, () => void this.look());
    this.#watcher.unref();
    this.#watcher.on("error", () => this.#watcher.close());
    this.#timer = setInterval(() => void this.look(), lookEveryMs).unref();
  }

  /** Once more after each change: what came while it looked is not missed. */
  look(): Promise<void> {
    this.#last = this.#last
      .then(() => this.#lookOnce())
      .catch((error: unknown) => this.#log.warn("events of the command line cannot be read", { error: String(error) }));
    return this.#last;
  }

  /** Resolves when what it was at is done. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#watcher.close();
    await this.#last;
  }

  async #lookOnce(): Promise<void> {
    for (const name of (await readdir(this.#folder)).filter((one) => one.endsWith(ending)).toSorted()) {
      const file = join(this.#folder, name);
      const event = parse(await readFile(file, "utf8").catch(() => ""));
      if (event === null) this.#log.warn("an event of the command line makes no sense", { file });
      else await this.#events.record(event);
      await rm(file, { force: true });
    }
  }
}

/** Nobody but the folder's owner can write here; what makes no sense is damage. */
function parse(text: string): ControlEvent | null {
  if (text.length > mostCharacters) return null;
  try {
    const { event, details, by } = JSON.parse(text) as Record<string, unknown>;
    if (typeof event !== "string" || !Object.hasOwn(controlEvents, event) || !isDetails(details)) return null;
    const { uid, username } = by as { readonly uid: unknown; readonly username: unknown };
    return { event: event as ControlEventName, details, by: ownerOf(Number(uid), String(username)) };
  } catch {
    return null;
  }
}

function isDetails(value: unknown): value is Readonly<Record<string, EventDetail>> {
  return typeof value === "object" && value !== null && Object.values(value).every(isDetail);
}

function isDetail(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => typeof one === "string");
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** A user of the machine, as the process knows it: who has opened the socket of the admin API, or the folder. */
export function ownerOf(uid: number, username: string): Principal {
  return Object.freeze({
    ...anonymous,
    kind: "user",
    id: `unix||${uid}`,
    issuer: "unix",
    subject: String(uid),
    displayName: username,
    authMethod: "unix-socket",
  });
}
