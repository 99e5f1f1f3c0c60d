import { join } from "node:path";
import { EndWatch } from "#app/end-watch.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import type { ControlEvent } from "#model/control-events.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Egress, EventRecorder, Log } from "#model/ports.ts";
import { dueAt, rotationStage } from "#model/rotation.ts";
import type { SecretRotation } from "#model/secret-rotation.ts";
import { regenerateKey, retireKey } from "./apim-maker.ts";
import { callMaker } from "./command-maker.ts";
import {
  changedByHand,
  digestOf,
  type Duty,
  dutyOf,
  givenUp,
  nextLook,
  type RotationState,
  seenAt,
  waitMs,
} from "./state.ts";
import { readState, writeState } from "./state-file.ts";
import { type Reached, trySecret } from "./try-secret.ts";

export interface SecretKeeperOptions {
  /** Folder of what is known of each; sealed. */
  readonly folder: string;
  readonly files: SecretFiles;
  /** Of the definition in force. */
  readonly rotations: () => readonly SecretRotation[];
  /** Replaces the file of a secret, by the name that the definition gives it. */
  readonly replace: (file: string, secret: string) => Promise<void>;
  /** Puts the definition in force anew, with secrets as they are now. @returns why not; null: it is */
  readonly reload: (why: string) => Promise<string | null>;
  readonly egress: Egress;
  /** A backend of the definition in force. */
  readonly backend: (name: string) => Reached | undefined;
  readonly token: (resource: string, clientId: string) => Promise<string>;
  /** For whom it concerns, besides the record. */
  readonly tell: (event: ControlEvent) => void;
  readonly events: Pick<EventRecorder, "tell">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/** A secret with its schedule, as people see it. */
export interface SecretStatus {
  readonly name: string;
  readonly origin: string;
  readonly maker: "command" | "api-management" | "by hand";
  /** Milliseconds since the epoch, as all times here. */
  readonly since: number;
  readonly dueAt: number;
  readonly stage: "young" | "noticed" | "due";
  /** A new one is made, and not in use yet. */
  readonly isChanging: boolean;
  /** When the one before is dropped; null: there is none to drop. */
  readonly oldUntil: number | null;
}

/**
 * Changes secrets by their schedules: a new one is made, kept sealed, tried against the upstream, written where the
 * definition reads it, and only when every worker uses it, and the grace is over, is the one before dropped. Each step is
 * on the disk before the next begins, so that a crash at any moment goes on where it was, with a secret that is good.
 */
export class SecretKeeper {
  readonly #options: SecretKeeperOptions;
  readonly #watch: EndWatch;
  readonly #states = new Map<string, RotationState>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SecretKeeperOptions) {
    this.#options = options;
    const { clock, log } = options;
    const failed = "secrets could not be held to their schedules";
    this.#watch = new EndWatch({ endDue: () => this.#inTurn(() => this.#lookAtAll()), clock, log, failed });
  }

  look(): Promise<void> {
    return this.#watch.look();
  }

  stop(): void {
    this.#watch.stop();
  }

  status(): Promise<readonly SecretStatus[]> {
    return this.#inTurn(async () => {
      const all: SecretStatus[] = [];
      for (const one of this.#options.rotations()) all.push(this.#statusOf(one, await this.#stateOf(one)));
      return all;
    });
  }

  /**
   * Makes a new one now, whatever the schedule says.
   * @param isEmergency the one before is dropped as soon as the new one is in use
   * @returns null: there is no such secret
   * @throws GatewayError `secret-rotation-failed`: the one before goes on
   */
  rotate(name: string, isEmergency: boolean): Promise<SecretStatus | null> {
    return this.#inTurn(async () => {
      const found = this.#find(name);
      if (found === undefined) return null;
      if (found.by === null)
        throw failure(`nothing makes a new ${name}: change it where it is, ${found.current.origin}`);
      await this.#begin(found, isEmergency);
      await this.#advance(name, true);
      const after = this.#find(name) ?? found;
      return this.#statusOf(after, await this.#stateOf(after));
    });
  }

  /** There are never more than two: the one in use, and one before or behind it. */
  async #begin(found: SecretRotation, isEmergency: boolean): Promise<void> {
    const { name, rotation } = found;
    const graceMs = isEmergency ? 0 : rotation.grace;
    const state = await this.#stateOf(found);
    const { fresh, old } = state;
    if (old !== null && !isEmergency) {
      throw failure(`the ${name} before this one goes on until ${iso(old.nextAt)}: wait for that, or take --emergency`);
    }
    if (fresh !== null && (fresh.isGood || state.failures === 0)) {
      await this.#keep(name, { ...state, fresh: { ...fresh, graceMs, source: "asked", nextAt: 0 } });
      return;
    }
    // One that was refused may never be good: whoever asks gets another.
    const bare = fresh === null ? state : givenUp(state, found.by, this.#options.clock.now());
    if (fresh !== null) await this.#keep(name, bare);
    if (bare.old !== null) await this.#noting(found, "drop", () => this.#drop(found, bare));
    await this.#noting(found, "make", () => this.#make(found, { ...bare, old: null }, graceMs, "asked"));
  }

  async #noting(found: SecretRotation, step: Duty, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.#failed(found, step, error);
      throw error;
    }
  }

  #find(name: string): SecretRotation | undefined {
    return this.#options.rotations().find((one) => one.name === name);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #lookAtAll(): Promise<number | null> {
    let next = Infinity;
    for (const { name } of this.#options.rotations()) {
      // One whose state is damaged must not keep the others from being changed.
      const at = await this.#lookAt(name).catch((error: unknown) => {
        this.#options.log.warn("a secret could not be held to its schedule", { secret: name, error: String(error) });
        return Infinity;
      });
      next = Math.min(next, at);
    }
    return next === Infinity ? null : next;
  }

  async #lookAt(name: string): Promise<number> {
    await this.#advance(name, false);
    const found = this.#find(name);
    return found === undefined ? Infinity : nextLook(await this.#stateOf(found), found, this.#options.clock.now());
  }

  /** Does what is due of one secret, a step at a time. @param throws whether whoever asked is told what failed */
  async #advance(name: string, throws: boolean): Promise<void> {
    // No step comes twice in one go: make, try, use, drop.
    for (let steps = 0; steps < 5; steps += 1) {
      const found = this.#find(name);
      if (found === undefined) return;
      const state = await this.#stateOf(found);
      const duty = dutyOf(state, found, this.#options.clock.now());
      if (duty === "none") return;
      try {
        await this.#noting(found, duty, () => this.#do(duty, found, state));
      } catch (error) {
        if (throws) throw error;
        return;
      }
    }
  }

  #do(duty: Duty, found: SecretRotation, state: RotationState): Promise<void> {
    if (duty === "tell") return this.#tellDue(found, state);
    if (duty === "make") return this.#make(found, state, found.rotation.grace, "schedule");
    if (duty === "try") return this.#try(found, state);
    return duty === "use" ? this.#use(found, state) : this.#drop(found, state);
  }

  /** What is on the disk, held to what is in use: somebody may have changed it by hand. */
  async #stateOf(found: SecretRotation): Promise<RotationState> {
    const { name, current } = found;
    const { clock, files, folder } = this.#options;
    const digest = digestOf(current.value);
    const state = this.#states.get(name) ?? (await readState(files, join(folder, `${name}.json`)));
    if (state === null) {
      const first = seenAt(current.value, clock.now());
      await this.#keep(name, first);
      return first;
    }
    this.#states.set(name, state);
    if (state.digest === digest) return state;
    const { fresh } = state;
    if (fresh !== null && digestOf(fresh.value) === digest) return this.#inUse(found, state, fresh);
    const changed = changedByHand(state, found, clock.now());
    await this.#keep(name, changed);
    this.#note({ event: "secret.rotated", details: { entry: name, source: "by-hand" } });
    return changed;
  }

  /** Every worker has it now. */
  async #inUse(
    { name, by }: SecretRotation,
    state: RotationState,
    fresh: NonNullable<RotationState["fresh"]>,
  ): Promise<RotationState> {
    const now = this.#options.clock.now();
    const until = now + fresh.graceMs;
    // API Management keeps a key until it is its turn again, unless it is not to be good any more.
    const isDropped = by?.kind === "command" || fresh.graceMs === 0;
    const old = isDropped && state.inUse !== null ? { value: state.inUse, nextAt: until } : null;
    const next = { ...seenAt(fresh.value, now), old };
    await this.#keep(name, next);
    const details = { entry: name, source: fresh.source, until: old === null ? undefined : iso(until) };
    this.#note({ event: "secret.rotated", details });
    return next;
  }

  async #make(
    found: SecretRotation,
    state: RotationState,
    graceMs: number,
    source: "schedule" | "asked",
  ): Promise<void> {
    const { name, by, current } = found;
    if (by === null) return;
    const { egress, token } = this.#options;
    const value =
      by.kind === "command"
        ? await callMaker(by.command, "make", "")
        : await regenerateKey(by, current.value, { egress, token });
    const fresh = { value, nextAt: 0, isGood: false, graceMs, source };
    await this.#keep(name, { ...state, fresh, inUse: current.value, failures: 0 });
  }

  async #try({ name, trial }: SecretRotation, state: RotationState): Promise<void> {
    if (state.fresh === null || trial === null) throw failure(`${name} has no trial`);
    const { egress, backend } = this.#options;
    const reached = trial.backend === undefined ? undefined : backend(trial.backend);
    await trySecret(trial, state.fresh.value, egress, reached);
    await this.#keep(name, { ...state, fresh: { ...state.fresh, isGood: true, nextAt: 0 } });
  }

  async #use({ name, file }: SecretRotation, { fresh }: RotationState): Promise<void> {
    if (fresh === null || file === null) throw failure(`${name} stands in no file`);
    await this.#options.replace(file, fresh.value).catch((error: unknown) => {
      const { code = "it failed" } = error as NodeJS.ErrnoException;
      throw failure(`${file} cannot be written (${code}): let the gateway write there`);
    });
    const problem = await this.#options.reload(`a new ${name}`);
    if (problem !== null) throw failure(`the definition cannot be put in force: ${problem}`);
    const found = this.#find(name);
    if (found !== undefined) await this.#stateOf(found);
  }

  async #drop({ name, by }: SecretRotation, state: RotationState): Promise<void> {
    const { egress, token } = this.#options;
    const value = state.old?.value ?? "";
    if (by?.kind === "command") await callMaker(by.command, "drop", value);
    else if (by !== null) await retireKey(by, value, { egress, token });
    await this.#keep(name, { ...state, old: null });
    this.#note({ event: "secret.dropped", details: { entry: name } });
  }

  async #tellDue({ name, rotation }: SecretRotation, state: RotationState): Promise<void> {
    await this.#keep(name, { ...state, told: rotationStage(state.since, rotation, this.#options.clock.now()) });
    this.#note({ event: "secret.due", details: { entry: name, due: iso(dueAt(state.since, rotation)) } });
  }

  /** The one in use goes on; what failed is done again, later each time. */
  async #failed(found: SecretRotation, step: string, error: unknown): Promise<void> {
    const { name } = found;
    const now = this.#options.clock.now();
    const state = await this.#stateOf(found);
    const failures = state.failures + 1;
    const nextAt = now + waitMs(failures - 1);
    const { fresh, old } = state;
    if (step === "make") await this.#keep(name, { ...state, failures, nextAt });
    else if (step === "drop" && old !== null) await this.#keep(name, { ...state, failures, old: { ...old, nextAt } });
    else if (fresh !== null) await this.#keep(name, { ...state, failures, fresh: { ...fresh, nextAt } });
    const why = error instanceof GatewayError ? error.message : "an internal failure";
    this.#note({ event: "secret.rotation-failed", details: { entry: name, step, why } });
    this.#options.log.warn("a secret could not be changed", { secret: name, step, error: why });
  }

  async #keep(name: string, state: RotationState): Promise<void> {
    const { files, folder } = this.#options;
    await writeState(files, join(folder, `${name}.json`), state);
    this.#states.set(name, state);
  }

  #note(event: ControlEvent): void {
    this.#options.events.tell(event);
    this.#options.tell(event);
  }

  #statusOf({ name, current, by, rotation }: SecretRotation, state: RotationState): SecretStatus {
    return {
      name,
      origin: current.origin,
      maker: by?.kind ?? "by hand",
      since: state.since,
      dueAt: dueAt(state.since, rotation),
      stage: rotationStage(state.since, rotation, this.#options.clock.now()),
      isChanging: state.fresh !== null,
      oldUntil: state.old?.nextAt ?? null,
    };
  }
}

function failure(message: string): GatewayError {
  return new GatewayError("secret-rotation-failed", 409, message);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
