import { createHash, createPrivateKey, createPublicKey, generateKeyPair } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { keySetMaxAgeMs, type KeySchedule, scheduleKeys } from "#identity/assertion-schedule.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import type { AssertionKey, AssertionKeySet, AssertionSettings, PublishedKey } from "#model/assertion.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, EventRecorder, Log } from "#model/ports.ts";

export interface AssertionKeysOptions {
  /** The data folder. */
  readonly folder: string;
  readonly secrets: SecretFiles;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Another key signs from now on, on every worker. */
  readonly publish: (key: AssertionKey | null) => void;
  readonly events: Pick<EventRecorder, "tell">;
}

/** As it stands in the sealed file. */
interface KeptKey {
  readonly id: string;
  readonly usedFrom: number;
  /** PKCS #8, DER, base64. */
  readonly pkcs8: string;
}

const fileName = "assertion-keys.json";
/** Timers are not told of a clock that was set. */
const longestWaitMs = 600_000;
const newKeyPair = promisify(generateKeyPair);

/**
 * The keys that assertions are signed with: made here, sealed at rest, replaced by themselves. None is made while no
 * backend asks for assertions.
 */
export class AssertionKeys {
  readonly #options: AssertionKeysOptions;
  #settings: AssertionSettings | null = null;
  #keys: readonly KeptKey[] | null = null;
  #current: AssertionKey | null = null;
  #published: readonly PublishedKey[] = [];
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: AssertionKeysOptions) {
    this.#options = options;
  }

  /** What workers sign with now; null: nobody asks for it. */
  get current(): AssertionKey | null {
    return this.#current;
  }

  /** What verifiers get. */
  get keySet(): AssertionKeySet {
    const maxAgeSeconds = Math.floor(keySetMaxAgeMs(this.#settings?.rotateMs ?? 0) / 1000);
    return { keys: this.#published, maxAgeSeconds };
  }

  /**
   * Goes by another definition: when this resolves there is a key, if one is asked for.
   * @throws GatewayError `seal-broken`, `store-corrupt`
   */
  use(settings: AssertionSettings | null): Promise<void> {
    this.#settings = settings;
    return this.look();
  }

  /** Does what is due. Of itself at the right times. */
  look(): Promise<void> {
    const turn = this.#turn.then(() => this.#look());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #look(): Promise<void> {
    this.stop();
    const settings = this.#settings;
    if (settings === null) return this.#show(null, []);
    let keys = this.#keys ?? (await this.#read());
    let plan = scheduleKeys(keys, this.#options.clock.now(), settings.rotateMs);
    const changed = plan.next !== null || plan.kept.length < keys.length;
    if (changed) {
      keys = await this.#change(keys, plan);
      plan = scheduleKeys(keys, this.#options.clock.now(), settings.rotateMs);
    }
    this.#keys = keys;
    this.#show(keyFor(keys, plan.current, settings.issuer), keys.map(publicKey));
    this.#arm(plan.at);
  }

  /** On the disk before anybody hears of it: a key that has signed is never lost. */
  async #change(keys: readonly KeptKey[], { kept, next }: KeySchedule): Promise<readonly KeptKey[]> {
    const staying = keys.filter(({ id }) => kept.includes(id));
    const after = next === null ? staying : [...staying, await makeKey(next)];
    const { folder, secrets, log, events } = this.#options;
    await secrets.write(join(folder, fileName), JSON.stringify({ keys: after }));
    if (next === null) return after;
    const key = after.at(-1)?.id;
    log.info("a key for assertions was made", { id: key, signsFrom: iso(next) });
    events.tell({ event: "assertion-key.rotated", details: { key, from: iso(next) } });
    return after;
  }

  async #read(): Promise<readonly KeptKey[]> {
    const { folder, secrets } = this.#options;
    const file = join(folder, fileName);
    const text = await secrets.read(file);
    if (text === null) return [];
    try {
      return (JSON.parse(text) as { readonly keys: readonly KeptKey[] }).keys;
    } catch {
      throw new GatewayError("store-corrupt", 500, `${file} is damaged: restore it from a backup`);
    }
  }

  #show(key: AssertionKey | null, published: readonly PublishedKey[]): void {
    const before = this.#current;
    this.#published = published;
    this.#current = key;
    if (before?.id !== key?.id || before?.issuer !== key?.issuer) this.#options.publish(key);
  }

  #arm(at: number): void {
    const waitMs = Math.min(Math.max(at - this.#options.clock.now(), 1000), longestWaitMs);
    this.#timer = setTimeout(() => {
      this.look().catch((error: unknown) => {
        this.#options.log.error("the keys for assertions could not be replaced", { error: String(error) });
        this.#arm(this.#options.clock.now() + longestWaitMs);
      });
    }, waitMs).unref();
  }
}

async function makeKey(usedFrom: number): Promise<KeptKey> {
  const { privateKey } = await newKeyPair("ec", { namedCurve: "P-256" });
  const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
  return { id: thumbprintOf(pkcs8), usedFrom, pkcs8 };
}

function keyFor(keys: readonly KeptKey[], current: string | null, issuer: string): AssertionKey | null {
  const found = keys.find(({ id }) => id === current);
  return found === undefined ? null : { id: found.id, pkcs8: Buffer.from(found.pkcs8, "base64"), issuer };
}

function publicKey({ id, pkcs8 }: KeptKey): PublishedKey {
  return { ...publicPart(pkcs8), kid: id, alg: "ES256", use: "sig" };
}

/** @see RFC 7638 §3.1: these members, in this order */
function thumbprintOf(pkcs8: string): string {
  const { crv, kty, x, y } = publicPart(pkcs8);
  return createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
}

function publicPart(pkcs8: string): Pick<PublishedKey, "crv" | "kty" | "x" | "y"> {
  const key = createPrivateKey({ key: Buffer.from(pkcs8, "base64"), format: "der", type: "pkcs8" });
  const { x = "", y = "" } = createPublicKey(key).export({ format: "jwk" });
  return { kty: "EC", crv: "P-256", x, y };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
