import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { askRaw, openRaw, responsesOf } from "./raw-client.ts";
import { startStrictOrigin, type StrictOrigin } from "./strict-origin.ts";

const key = "sp_withdrawn_0123456789abcdef0123456789";

interface Parts {
  readonly api?: boolean;
  readonly subscription?: "active" | "suspended";
  readonly access?: string;
}

/** What a definition takes back is refused by every worker within a second, on connections that are open too. */
describe("withdrawal by reload", () => {
  let origin: StrictOrigin;
  let gateway: TestGateway;

  const definition = ({ api = true, subscription, access = "true" }: Parts): string => `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  keyed: { path: /keyed, backend: up }
  open: { path: /open, backend: up, access: [{ allow: ${access} }] }
  ${api ? "gone: { path: /gone, backend: up, access: public }" : ""}
backends: { up: { url: "${origin.url}" } }
products: { basic: { apis: [keyed], subscription: key } }
${subscription === undefined ? "" : `subscriptions: { one: { product: basic, key: { env: KEY }, state: ${subscription} } }`}
`;

  before(async () => {
    origin = await startStrictOrigin();
    gateway = await startTestGateway({
      definition: definition({ subscription: "active" }),
      env: { KEY: key },
      args: ["--workers", "3"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await origin.close();
  });

  /** Statuses over so many fresh connections that every worker gets some. */
  async function statuses(target: string): Promise<number[]> {
    const fields = target.startsWith("/keyed") ? [`Ocp-Apim-Subscription-Key: ${key}`] : [];
    const answers = await Promise.all(Array.from({ length: 24 }, () => askRaw(gateway, target, fields)));
    return [...new Set(answers.map(({ status }) => status))].toSorted();
  }

  async function becomes(target: string, expected: number): Promise<void> {
    assert.deepEqual(await statuses(target), [expected], `${target}: ${gateway.output()}`);
  }

  /** Saves the file; a second later it must be in force. */
  async function save(parts: Parts): Promise<void> {
    writeFileSync(join(gateway.folder, "sallyport.yaml"), definition(parts));
    await sleep(1000);
  }

  it("a subscription that is suspended, then removed", async () => {
    await becomes("/keyed", 200);
    await save({ subscription: "suspended" });
    await becomes("/keyed", 401);
    await save({ subscription: "active" });
    await becomes("/keyed", 200);
    await save({});
    await becomes("/keyed", 401);
  });

  it("an access rule that is made narrower", async () => {
    await becomes("/open", 200);
    await save({ access: "false" });
    await becomes("/open", 401);
  });

  it("an API, also for a connection that has used it", async () => {
    await save({});
    const socket = await openRaw(gateway);
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.write("GET /gone HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (responsesOf(text).length < 1) await sleep(10);
    await save({ api: false });
    socket.write("GET /gone HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (responsesOf(text).length < 2) await sleep(10);
    socket.destroy();
    assert.deepEqual(
      responsesOf(text).map(({ status }) => status),
      [200, 404],
    );
    await becomes("/gone", 404);
  });

  it("a definition with an error takes nothing back and gives nothing", async () => {
    writeFileSync(join(gateway.folder, "sallyport.yaml"), `${definition({ subscription: "active" })}\nnonsense: 1\n`);
    await sleep(1000);
    await becomes("/keyed", 401);
    await becomes("/gone", 404);
  });
});
