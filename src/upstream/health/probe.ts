import { Buffer } from "node:buffer";
import type { ActiveHealth } from "#model/target-health.ts";
import { noBody } from "#wire/http1-request-writer.ts";
import type { PoolSettings } from "#wire/pool.ts";
import { Timeout } from "#wire/timer-wheel.ts";
import type { RandomFraction } from "#upstream/balance/balancer.ts";
import { type FetchPlan, fetchOnce } from "#upstream/fetch-call.ts";
import type { UpstreamTarget } from "#upstream/target.ts";
import { createVerdict, type ProbeVerdict } from "./probe-verdict.ts";

/** More of an answer is not looked at: it fails. */
const maxProbeBytes = 64 * 1024;
/** Share of the interval that a probe is early or late at most, so that probes of many targets do not march in step. */
const jitter = 0.1;

/** Asks one target in its interval, each time on a connection of its own: reaching it is part of the question. */
export class Probe {
  readonly #setting: ActiveHealth;
  readonly #pool: PoolSettings;
  readonly #random: RandomFraction;
  readonly #probed: (passed: boolean) => void;
  readonly #plan: FetchPlan;
  readonly #verdict: ProbeVerdict;
  readonly #timeout: Timeout = new Timeout(() => void this.#probe());
  #running = false;

  constructor(
    target: UpstreamTarget,
    setting: ActiveHealth,
    pool: Omit<PoolSettings, "connectTimeoutMs" | "maxConnections" | "maxWaiting" | "idleTimeoutMs">,
    random: RandomFraction,
    probed: (passed: boolean) => void,
  ) {
    this.#setting = setting;
    this.#random = random;
    this.#probed = probed;
    this.#pool = { ...pool, connectTimeoutMs: setting.timeoutMs, maxConnections: 1, maxWaiting: 0, idleTimeoutMs: 0 };
    this.#plan = planOf(target, setting);
    this.#verdict = createVerdict(setting);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#probe();
  }

  stop(): void {
    this.#running = false;
    this.#pool.wheel.disarm(this.#timeout);
  }

  async #probe(): Promise<void> {
    const passed = await this.#passes();
    if (!this.#running) return;
    this.#probed(passed);
    const { intervalMs } = this.#setting;
    this.#pool.wheel.arm(this.#timeout, intervalMs * (1 - jitter + 2 * jitter * this.#random()));
  }

  async #passes(): Promise<boolean> {
    try {
      const { status, body } = await fetchOnce(this.#plan, this.#pool);
      return this.#verdict(status, body);
    } catch {
      return false;
    }
  }
}

function planOf({ destination, pool }: UpstreamTarget, setting: ActiveHealth): FetchPlan {
  const { path, method, port, headers, requestBody, timeoutMs } = setting;
  const body = requestBody === null ? null : Buffer.from(requestBody);
  const target = port === null ? pool.target : { ...pool.target, port };
  const host = valueOf(headers, "host") ?? destination.authority;
  const head = {
    method,
    target: `${destination.basePath}${path}`,
    host,
    fields: headers,
    framing: body === null ? noBody : body.byteLength,
    expects: false,
    upgrade: null,
  };
  return { target, head, timeoutMs, maxBytes: maxProbeBytes, body };
}

function valueOf(headers: readonly string[], lowerName: string): string | undefined {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === lowerName);
  return at < 0 ? undefined : headers[at + 1];
}
