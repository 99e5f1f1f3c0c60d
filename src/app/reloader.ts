import { GatewayError } from "#model/errors.ts";
import type { Clock, EventRecorder, Log } from "#model/ports.ts";
import { type Bundle, bundleOfDocuments } from "#admin/configuration/bundle.ts";
import type { ConfigurationFolder } from "#admin/configuration/folder.ts";
import type { History, HistoryEntry } from "#admin/configuration/history.ts";
import type { Journal } from "#admin/configuration/journal.ts";
import type {
  Candidate,
  ChangeOutcome,
  ChangeRequest,
  ChangeSource,
  ConfigurationPort,
  LastReload,
  ReloadOutcome,
  RunningConfiguration,
} from "#admin/configuration/port.ts";
import type { ControlEvent } from "#model/control-events.ts";
import { readCandidate } from "./candidate.ts";
import { changeEvent, reloadEvent, startEvent } from "./configuration-events.ts";
import { exceptionEvents } from "./exception-events.ts";
import { FileWatch } from "./file-watch.ts";
import type { ChangeResult, ConfigurationMeter } from "./metrics/configuration-meter.ts";
import {
  type CompiledSnapshot,
  type ControlDefinition,
  isLoaded,
  type Loaded,
  type ReadResult,
} from "./definition/read-result.ts";
import type { LoadDefinition } from "./gateway.ts";
import { settingsForRestart } from "./settings-for-restart.ts";

/** @throws GatewayError `definition-invalid` */
export function compiledOf({ compiled, problem }: Loaded): CompiledSnapshot {
  if (compiled === null) throw new GatewayError("definition-invalid", 500, problem ?? "there is no snapshot");
  return compiled;
}

/** A definition that is compiled and can be put in force, again if need be. */
export interface Prepared {
  readonly configHash: string;
  /** On every worker. */
  commit(): Promise<void>;
}

export interface ReloaderOptions {
  readonly load: LoadDefinition;
  /** @throws GatewayError `definition-invalid` */
  readonly prepare: (loaded: Loaded) => Prepared;
  readonly folder: ConfigurationFolder;
  readonly history: History;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: ConfigurationMeter;
  readonly events: EventRecorder;
  readonly onReload?: (() => void) | undefined;
  /** What is in force now. */
  readonly running: Loaded & { readonly file: string };
}

type Origin = Pick<HistoryEntry, "author" | "action" | "comment" | "from">;

/** Replaces the definition in force: one change at a time, whole or not at all, whoever asks for it. */
export class Reloader implements ConfigurationPort {
  readonly #options: ReloaderOptions;
  readonly #watch: FileWatch;
  #definition: ControlDefinition;
  #prepared: Prepared;
  #running: RunningConfiguration;
  readonly #changeAtStart: ControlEvent | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #lastReload: LastReload | undefined;

  private constructor(
    options: ReloaderOptions,
    prepared: Prepared,
    running: RunningConfiguration,
    changeAtStart: ControlEvent | undefined,
  ) {
    this.#options = options;
    this.#changeAtStart = changeAtStart;
    this.#definition = options.running.definition;
    this.#prepared = prepared;
    this.#running = running;
    this.#watch = new FileWatch(() => void this.reload("a file changed", "file"));
    this.#watch.set(this.#definition.files);
  }

  /** What is in force when the gateway starts becomes an entry of the history, unless the newest one says it already. */
  static async open(options: ReloaderOptions): Promise<Reloader> {
    const { history, folder, running } = options;
    const prepared = options.prepare(running);
    const bundle = bundleOfDocuments(running.file, running.documents);
    const origin: Origin = { author: "file", action: "start", comment: "" };
    const last = history.newest;
    const entry = await note(options, bundle, running.definition, prepared, origin);
    const now = { bundle, entry, folder: folder.path, definition: folder.definition };
    const hasChanged = last !== undefined && last.id !== entry.id;
    const event = hasChanged ? startEvent({ ...now, entry: last, bundle: await history.read(last) }, now) : undefined;
    await history.prune(running.definition.admin.history);
    return new Reloader(options, prepared, now, event);
  }

  /** What has to be told of the start: another configuration than the last one of the run before. */
  get changeAtStart(): ControlEvent | undefined {
    return this.#changeAtStart;
  }

  get running(): RunningConfiguration {
    return this.#running;
  }

  get lastReload(): LastReload | undefined {
    return this.#lastReload;
  }

  get definition(): ControlDefinition {
    return this.#definition;
  }

  history(): readonly HistoryEntry[] {
    return this.#options.history.list();
  }

  async read(id: number): ReturnType<ConfigurationPort["read"]> {
    const entry = this.#options.history.find(id);
    return entry === undefined ? undefined : { entry, bundle: await this.#options.history.read(entry) };
  }

  async drift(): Promise<readonly string[]> {
    const changed: string[] = [];
    for (const [name, text] of this.#running.bundle.files) {
      if ((await this.#options.folder.read(name)) !== text) changed.push(name);
    }
    return changed;
  }

  async validate(candidate: Candidate): ReturnType<ConfigurationPort["validate"]> {
    const { definition, diagnostics } = await this.#read(candidate);
    return { valid: definition !== null, diagnostics };
  }

  reload(why: string, author: string, source?: ChangeSource): Promise<ReloadOutcome> {
    return this.#inTurn(async () => {
      const before = this.#running;
      const outcome = await this.#reload(why, author);
      const diagnostics = outcome.kind === "invalid" ? outcome.diagnostics : [];
      const time = new Date(this.#options.clock.now()).toISOString();
      this.#lastReload = { time, why, outcome: outcome.kind, diagnostics };
      this.#options.meter.note("reload", outcome.kind === "reloaded" ? "done" : outcome.kind);
      await this.#tell(reloadEvent(outcome, why, before, this.#running), source);
      return outcome;
    });
  }

  apply(candidate: Candidate, request: ChangeRequest): Promise<ChangeOutcome> {
    const { author, comment } = request;
    return this.#counted("apply", request, () =>
      this.#change(candidate, request, { author, comment, action: "apply" }),
    );
  }

  rollback(id: number, request: ChangeRequest): Promise<ChangeOutcome> {
    const { author, comment } = request;
    return this.#counted("rollback", request, async () => {
      const found = await this.read(id);
      if (found === undefined) return { kind: "unknown-entry" };
      return this.#change(found.bundle.files, request, { author, comment, action: "rollback", from: id });
    });
  }

  /** Waits for the change under way. */
  async close(): Promise<void> {
    this.#watch.close();
    await this.#last;
  }

  #counted(
    action: "apply" | "rollback",
    request: ChangeRequest,
    task: () => Promise<ChangeOutcome>,
  ): Promise<ChangeOutcome> {
    return this.#inTurn(async () => {
      const before = this.#running;
      const outcome = await task();
      this.#options.meter.note(action, resultOf(outcome));
      await this.#tell(changeEvent(outcome, action, request.comment, before, this.#running), request);
      return outcome;
    });
  }

  /** Whoever has asked for a change waits until it is on record; of what was done unasked the log tells if it is not. */
  async #tell(event: ControlEvent | undefined, source: ChangeSource | undefined): Promise<void> {
    const { events } = this.#options;
    if (event === undefined) return;
    const excepted = event.event === "configuration.rejected" ? [] : exceptionEvents(this.#definition);
    for (const each of [event, ...excepted]) {
      if (source === undefined) events.tell(each);
      else await events.record({ ...each, by: source.by, request: source.request });
    }
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #reload(why: string, author: string): Promise<ReloadOutcome> {
    const { load, log, onReload } = this.#options;
    try {
      const loaded = await load();
      if (!isLoaded(loaded)) return this.#refused(why, loaded);
      const prepared = this.#options.prepare(loaded);
      await this.#commit(prepared);
      const bundle = this.#bundleOf(loaded);
      const entry = await note(this.#options, bundle, loaded.definition, prepared, {
        author,
        action: "reload",
        comment: why,
      });
      await this.#use(loaded, prepared, bundle, entry);
      log.info("reloaded", { why });
      onReload?.();
      return { kind: "reloaded", entry, warnings: loaded.diagnostics };
    } catch (error) {
      log.error("reload failed; the definition before goes on serving", { why, error: String(error) });
      return { kind: "failed", message: messageOf(error) };
    }
  }

  #refused(why: string, { diagnostics, files }: ReadResult): ReloadOutcome {
    // What is missing may be created next: the files of the broken definition are watched as well.
    this.#watch.set([...new Set([...this.#definition.files, ...files])]);
    const problems = diagnostics.map(({ code, message, at, fix }) => ({
      place: `${at.file}:${at.line}:${at.column}`,
      code,
      message,
      fix,
    }));
    this.#options.log.error("reload refused: the definition has errors; the one before goes on serving", {
      why,
      problems,
    });
    return { kind: "invalid", diagnostics };
  }

  async #change(candidate: Candidate, request: ChangeRequest, origin: Origin): Promise<ChangeOutcome> {
    const { bundle, entry } = this.#running;
    if (!request.isExpected(bundle.hash)) return { kind: "conflict", hash: bundle.hash };
    const drift = request.discardFileChanges ? [] : await this.drift();
    if (drift.length > 0) return { kind: "drift", files: drift };
    const loaded = await this.#read(candidate);
    if (!isLoaded(loaded)) return { kind: "invalid", diagnostics: loaded.diagnostics };
    const next = this.#bundleOf(loaded);
    if (next.hash === bundle.hash && (await this.drift()).length === 0) return { kind: "unchanged", entry };
    return this.#write(next, loaded, origin);
  }

  #read(candidate: Candidate): Promise<ReadResult> {
    return readCandidate(this.#options.load, this.#running, candidate);
  }

  #bundleOf({ documents }: Loaded): Bundle {
    return bundleOfDocuments(this.#options.running.file, documents);
  }

  /**
   * The texts first, into the history; then the journal, which says what is about to change; then the files; then the
   * workers. A crash anywhere in between is finished at the next start, a failure is undone here.
   */
  async #write(next: Bundle, loaded: Loaded, origin: Origin): Promise<ChangeOutcome> {
    const { history, journal, folder, clock, log, onReload } = this.#options;
    try {
      const prepared = this.#options.prepare(loaded);
      const entry = { ...entryOf(clock, next, loaded.definition, prepared, origin), files: await history.keep(next) };
      await journal.begin({ folder: folder.path, entry, before: await folder.hashes(next.files.keys()) });
      await this.#replace(next, prepared);
      const added = await history.add(entry);
      await journal.end();
      const restart = settingsForRestart(this.#definition, loaded.definition);
      await this.#use(loaded, prepared, next, added);
      log.info("configuration applied", { entry: added.id, author: added.author, action: added.action });
      onReload?.();
      return { kind: "applied", entry: added, warnings: loaded.diagnostics, restart };
    } catch (error) {
      await journal.end();
      await history.sweep();
      log.error("the configuration was not applied; the one before goes on serving", { error: String(error) });
      const readOnly = error instanceof GatewayError && error.code === "configuration-read-only";
      return { kind: readOnly ? "read-only" : "failed", message: messageOf(error) };
    }
  }

  /** Files, then workers; when the workers do not take it, the files are those before. */
  async #replace(next: Bundle, prepared: Prepared): Promise<void> {
    const { folder } = this.#options;
    await folder.replace(next.files);
    try {
      await this.#commit(prepared);
    } catch (error) {
      await folder.replace(this.#running.bundle.files);
      throw error;
    }
  }

  /** A worker that did not take it must not serve another definition than the rest. */
  async #commit(prepared: Prepared): Promise<void> {
    try {
      await prepared.commit();
    } catch (error) {
      await this.#prepared.commit().catch((again: unknown) => {
        this.#options.log.error("the definition before could not be put back on every worker", {
          error: String(again),
        });
      });
      throw error;
    }
  }

  async #use({ definition }: Loaded, prepared: Prepared, bundle: Bundle, entry: HistoryEntry): Promise<void> {
    const changed = settingsForRestart(this.#definition, definition);
    if (changed.length > 0) this.#options.log.warn("these settings take effect at the next start", { changed });
    this.#definition = definition;
    this.#prepared = prepared;
    this.#running = { ...this.#running, bundle, entry };
    this.#watch.set(definition.files);
    await this.#options.history.prune(definition.admin.history);
  }
}

/** An entry for what is in force, unless the newest one is that already: a file that was only touched makes none. */
async function note(
  { history, clock }: ReloaderOptions,
  bundle: Bundle,
  definition: ControlDefinition,
  prepared: Prepared,
  origin: Origin,
): Promise<HistoryEntry> {
  const entry = entryOf(clock, bundle, definition, prepared, origin);
  const { newest } = history;
  const known =
    newest?.hash === entry.hash && newest.configHash === entry.configHash && newest.environment === entry.environment;
  return known ? newest : history.add({ ...entry, files: await history.keep(bundle) });
}

function entryOf(
  clock: Clock,
  { hash }: Bundle,
  { environment }: ControlDefinition,
  { configHash }: Prepared,
  origin: Origin,
): Omit<HistoryEntry, "id" | "files"> {
  return { time: new Date(clock.now()).toISOString(), ...origin, hash, configHash, environment };
}

function resultOf({ kind }: ChangeOutcome): ChangeResult {
  if (kind === "applied" || kind === "unchanged") return "done";
  return kind === "invalid" || kind === "failed" ? kind : "refused";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
