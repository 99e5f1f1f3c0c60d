import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { GatewayError } from "#model/errors.ts";
import type { AccessStore } from "./access-store.ts";
import type { Async, QuotaStore, RevocationStore, Store, SubscriptionStore, UserStore } from "./interfaces.ts";
import type { KeyStore } from "./key-store.ts";
import type { OutboxStore } from "./outbox-store.ts";
import type { ScimStore } from "./scim-interfaces.ts";
import type { SessionStore } from "./sessions.ts";
import { PendingCalls } from "./pending-calls.ts";
import {
  accessCalls,
  fromErrorMessage,
  keyCalls,
  type FromStorage,
  outboxCalls,
  quotaCalls,
  revocationCalls,
  scimCalls,
  sessionCalls,
  subscriptionCalls,
  type StorePart,
  toErrorMessage,
  type ToStorage,
  userCalls,
} from "./store-messages.ts";

export interface StoreClientOptions {
  /** A call that has no answer by then rejects; what it asked for may still happen. Default 5 s. */
  readonly deadlineMs?: number;
  /** Calls that may wait for the thread, late ones included; more reject at once. Default 1024. */
  readonly maxPending?: number;
  /** The thread has ended without {@link Store.close}. All calls reject from now on. */
  readonly onLost?: (error: GatewayError) => void;
}

/**
 * Starts the storage thread on a file or `:memory:`.
 * @throws GatewayError `store-unavailable`, `store-corrupt`
 */
export function openStore(path: string, options: StoreClientOptions = {}): Promise<Store> {
  const entry = new URL("./storage-thread.ts", import.meta.url);
  return connectStore(new Worker(entry, { name: "storage", workerData: { path } }), options);
}

/** Waits until the thread has opened its store. */
export async function connectStore(worker: Worker, options: StoreClientOptions = {}): Promise<Store> {
  await opened(worker);
  return new StoreClient(worker, options);
}

async function opened(worker: Worker): Promise<void> {
  const ended = new AbortController();
  const { signal } = ended;
  try {
    const exit = once(worker, "exit", { signal }).then(() => {
      throw unavailable("the storage thread ended while it was starting");
    });
    const [message] = (await Promise.race([once(worker, "message", { signal }), exit])) as [FromStorage];
    if (message.type === "failed") throw fromErrorMessage(message.error);
  } catch (error) {
    throw error instanceof GatewayError ? error : fromErrorMessage(toErrorMessage(error));
  } finally {
    ended.abort();
  }
}

class StoreClient implements Store {
  readonly subscriptions: Async<SubscriptionStore>;
  readonly keys: Async<KeyStore>;
  readonly users: Async<UserStore>;
  readonly revocations: Async<RevocationStore>;
  readonly quotas: Async<QuotaStore>;
  readonly access: Async<AccessStore>;
  readonly outbox: Async<OutboxStore>;
  readonly scim: Async<ScimStore>;
  readonly sessions: Async<SessionStore>;
  readonly #worker: Worker;
  readonly #pending: PendingCalls;
  readonly #deadlineMs: number;
  readonly #exited: Promise<unknown>;
  #closing: boolean = false;
  #failure: unknown;

  constructor(worker: Worker, { deadlineMs = 5000, maxPending = 1024, onLost }: StoreClientOptions) {
    this.#worker = worker;
    this.#deadlineMs = deadlineMs;
    this.#pending = new PendingCalls(deadlineMs, maxPending);
    this.subscriptions = remote<SubscriptionStore>(this, "subscriptions", subscriptionCalls);
    this.keys = remote<KeyStore>(this, "keys", keyCalls);
    this.users = remote<UserStore>(this, "users", userCalls);
    this.revocations = remote<RevocationStore>(this, "revocations", revocationCalls);
    this.scim = remote<ScimStore>(this, "scim", scimCalls);
    this.quotas = remote<QuotaStore>(this, "quotas", quotaCalls);
    this.access = remote<AccessStore>(this, "access", accessCalls);
    this.outbox = remote<OutboxStore>(this, "outbox", outboxCalls);
    this.sessions = remote<SessionStore>(this, "sessions", sessionCalls);
    worker.on("message", (message: FromStorage) => this.#receive(message));
    worker.on("error", (error) => {
      this.#failure = error;
    });
    this.#exited = new Promise((resolve) => worker.once("exit", resolve)).then(() => this.#lost(onLost));
  }

  call(part: StorePart, method: string, args: readonly unknown[]): Promise<unknown> {
    return this.#pending.add((id) => this.#post({ type: "call", id, part, method, args }));
  }

  /** The thread takes messages in order, so what was asked before is answered before it ends. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#pending.refuse(unavailable("the store is closed"));
      this.#post({ type: "close" });
    }
    const late = setTimeout(() => void this.#worker.terminate(), this.#deadlineMs);
    await this.#exited;
    clearTimeout(late);
  }

  #post(message: ToStorage): void {
    this.#worker.postMessage(message, []);
  }

  #receive(message: FromStorage): void {
    if (message.type === "value") this.#pending.resolve(message.id, message.value);
    else if (message.type === "error") this.#pending.reject(message.id, fromErrorMessage(message.error));
  }

  #lost(onLost: StoreClientOptions["onLost"]): void {
    const error = unavailable("the storage thread has ended", this.#failure);
    this.#pending.refuse(error);
    this.#pending.rejectAll(error);
    if (!this.#closing) onLost?.(error);
  }
}

function remote<T>(client: StoreClient, part: StorePart, calls: Readonly<Record<keyof T, true>>): Async<T> {
  const methods = Object.keys(calls).map((method) => [
    method,
    (...args: readonly unknown[]) => client.call(part, method, args),
  ]);
  return Object.fromEntries(methods) as Async<T>;
}

function unavailable(message: string, cause?: unknown): GatewayError {
  return new GatewayError("store-unavailable", 503, message, { source: "store", retryable: true, cause });
}
