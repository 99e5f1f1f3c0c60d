import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseEventHubConnection } from "./event-hub.ts";

describe("a connection string of Event Hubs", () => {
  const text =
    "Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=a+b/c==;EntityPath=logs";

  it("says where, by which key and for which hub", () => {
    const said = { url: "https://shop.servicebus.windows.net", keyName: "send", key: "a+b/c==", hub: "logs" };
    assert.deepEqual(parseEventHubConnection(text), { value: said });
    assert.deepEqual(parseEventHubConnection(text.replace(";EntityPath=logs", ";")), {
      value: { ...said, hub: undefined },
    });
  });

  it("of the emulator leads to clear text", () => {
    const emulator = text.replace("shop.servicebus.windows.net/", "localhost:5300") + ";UseDevelopmentEmulator=true";
    const found = parseEventHubConnection(emulator);
    assert.equal("value" in found && found.value.url, "http://localhost:5300");
  });

  it("is refused where something lacks, without a word of it", () => {
    for (const wrong of ["", "secret", text.replace("sb:", "https:"), text.replace("SharedAccessKey=", "Key=")]) {
      const found = parseEventHubConnection(wrong);
      assert.ok("problem" in found, wrong);
      assert.doesNotMatch(JSON.stringify(found), /secret"|a\+b|shop/);
    }
  });
});
