import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** One order of the quick start's API. */
interface Order {
  readonly id: number;
  readonly item: string;
  readonly quantity: number;
}

const limit = 64 * 1024;

/**
 * The upstream of the quick start: a small HTTP service that knows nothing of gateways, and shows who it was told
 * the caller is. Paths as in orders.openapi.yaml: the gateway takes
 * its own prefix off.
 */
export function createOrdersApi(): Server {
  const orders = new Map<number, Order>([
    [1, { id: 1, item: "lantern", quantity: 2 }],
    [2, { id: 2, item: "rope", quantity: 1 }],
  ]);
  return createServer((request, response) => {
    void answer(orders, request, response).catch(() => response.destroy());
  });
}

async function answer(orders: Map<number, Order>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://orders");
  if (pathname === "/healthz") return send(response, 200, { status: "ok" });
  if (pathname === "/") {
    if (request.method !== "POST")
      return send(response, 200, { caller: request.headers["x-caller"], orders: [...orders.values()] });
    const order = await read(request, Math.max(0, ...orders.keys()) + 1);
    if (order === undefined) return send(response, 400, { message: "an order is { item, quantity }" });
    orders.set(order.id, order);
    return send(response, 201, order);
  }
  const id = Number(pathname.slice(1));
  const order = orders.get(id);
  if (order === undefined) return send(response, 404, { message: "no such order" });
  if (request.method !== "DELETE") return send(response, 200, order);
  orders.delete(id);
  return send(response, 204, undefined);
}

async function read(request: IncomingMessage, id: number): Promise<Order | undefined> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk as string;
    if (text.length > limit) return undefined;
  }
  try {
    const { item, quantity } = JSON.parse(text) as Partial<Order>;
    return typeof item === "string" && Number.isInteger(quantity)
      ? { id, item, quantity: Number(quantity) }
      : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) response.writeHead(status).end();
  else response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
