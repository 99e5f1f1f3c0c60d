import assert from "node:assert/strict";
import { it } from "node:test";
import { dialCheck } from "./may-dial.ts";

it("lets a client that dials by itself go anywhere but to the admin API", async () => {
  const mayDial = dialCheck([{ host: "127.0.0.1", port: 9443, admin: true }]);
  await mayDial("127.0.0.1", 4222);
  await mayDial("::1", 4222);
  for (const host of ["127.0.0.1", "localhost"]) {
    await assert.rejects(mayDial(host, 9443), { code: "egress-refused" }, host);
  }
});
