import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createOrdersApi } from "./orders-api.ts";
import { createDemoProvider, type DemoClients } from "./provider.ts";

/**
 * Entry of the quick start's two processes: `service.ts orders PORT` and `service.ts provider PORT`. Secrets come
 * by message, never on the command line. Ends with the process that started it.
 */
const [kind, port] = process.argv.slice(2);

process.on("SIGINT", () => {});
process.once("disconnect", () => process.exit(0));
process.once("message", (start: DemoClients) => {
  void (kind === "orders" ? listen(createOrdersApi()) : startProvider(start)).then(
    (url) => process.send?.({ url }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});

async function startProvider(start: DemoClients): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  server.on("request", createDemoProvider(url, start).callback());
  return url;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: Number(port) }, resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
