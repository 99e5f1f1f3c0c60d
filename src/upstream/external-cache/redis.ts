import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import type { RedisClientOptions } from "@redis/client";
import type { ExternalCacheSettings } from "#model/external-cache.ts";
import type { CacheConnection } from "./connection.ts";

type SocketOptions = NonNullable<RedisClientOptions["socket"]>;

/** Commands at a time; those who use it hold to fewer. */
const queueLength = 4096;

/**
 * Connects with `@redis/client`, which is loaded where a definition has such a cache. It neither connects again by
 * itself nor keeps commands for later, and no server can send it elsewhere.
 */
export async function connectRedis(settings: ExternalCacheSettings, withinMs: number): Promise<CacheConnection> {
  const { createClient, RESP_TYPES } = await import("@redis/client");
  const { username, password, database } = settings;
  const client = createClient({
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password: password.value }),
    database,
    socket: socketOf(settings, withinMs),
    RESP: 2,
    disableOfflineQueue: true,
    commandsQueueMaxLength: queueLength,
    disableClientInfo: true,
    maintNotifications: "disabled",
  });
  // What becomes of a lost connection is decided by whoever sends the next command.
  client.on("error", () => {});
  const close = (): void => {
    if (client.isOpen) client.destroy();
  };
  // Also when the server takes the connection and says nothing.
  const deadline = setTimeout(close, withinMs);
  try {
    await client.connect();
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
  const options = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
  return {
    send: (args) => client.sendCommand([...args], options),
    get isOpen() {
      return client.isReady;
    },
    close,
  };
}

function socketOf({ host, port, tls, ca }: ExternalCacheSettings, connectTimeout: number): SocketOptions {
  const common = { host, port, connectTimeout, reconnectStrategy: false } as const;
  if (!tls) return common;
  const servername = isIP(host) === 0 ? host : "";
  const trusted = ca === null ? {} : { ca };
  // Said, so that no environment variable takes it away.
  return { ...common, tls: true, servername, rejectUnauthorized: true, minVersion: "TLSv1.2", ...trusted };
}
