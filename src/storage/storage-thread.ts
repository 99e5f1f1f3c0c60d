import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { GatewayError } from "#model/errors.ts";
import type { SyncStore } from "./interfaces.ts";
import { openSqliteStore } from "./sqlite/sqlite-store.ts";
import {
  accessCalls,
  type FromStorage,
  keyCalls,
  outboxCalls,
  quotaCalls,
  revocationCalls,
  scimCalls,
  sessionCalls,
  subscriptionCalls,
  toErrorMessage,
  type ToStorage,
  userCalls,
} from "./store-messages.ts";

/** Entry of the thread that runs the driver: its calls are synchronous and would hold up any other thread. */
if (parentPort !== null) serve(parentPort, workerData as { readonly path: string });

function serve(port: MessagePort, { path }: { readonly path: string }): void {
  const post = (message: FromStorage): void => port.postMessage(message);
  let store: SyncStore;
  try {
    store = openSqliteStore(path);
  } catch (error) {
    post({ type: "failed", error: toErrorMessage(error) });
    return;
  }
  port.on("message", (message: ToStorage) => {
    if (message.type === "call") return post(answer(store, message));
    store.close();
    port.close();
  });
  post({ type: "ready" });
}

function answer(store: SyncStore, { id, part, method, args }: Extract<ToStorage, { type: "call" }>): FromStorage {
  try {
    const known = {
      subscriptions: subscriptionCalls,
      keys: keyCalls,
      users: userCalls,
      revocations: revocationCalls,
      quotas: quotaCalls,
      access: accessCalls,
      outbox: outboxCalls,
      scim: scimCalls,
      sessions: sessionCalls,
    }[part];
    if (!Object.hasOwn(known, method)) throw new GatewayError("internal", 500, `no such call: ${part}.${method}`);
    const target = store[part] as unknown as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
    return { type: "value", id, value: target[method]?.(...args) };
  } catch (error) {
    return { type: "error", id, error: toErrorMessage(error) };
  }
}
