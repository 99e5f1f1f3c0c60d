import assert from "node:assert/strict";
import { it } from "node:test";
import { ApiLevels } from "./api-levels.ts";

it("goes by the level of an operation, else of its API, else by the usual one", () => {
  const said: string[] = [];
  const log = new ApiLevels("info", (level, message, fields) =>
    said.push(`${level} ${message} ${fields["operation"]}`),
  );
  const write = (api: string, operation: string): readonly string[] => {
    said.length = 0;
    for (const level of ["debug", "info", "warn"] as const) log.write(api, operation, level, api, {});
    return [...said];
  };
  assert.deepEqual(write("orders", "read"), ["info orders read", "warn orders read"]);
  const until = 1;
  log.use([
    { api: "orders", operation: "read", level: "debug", until },
    { api: "orders", operation: null, level: "error", until },
    { api: "bills", operation: "read", level: "warn", until },
  ]);
  assert.deepEqual(write("orders", "read"), ["debug orders read", "info orders read", "warn orders read"]);
  assert.deepEqual(write("orders", "write"), []);
  assert.deepEqual(write("bills", "read"), ["warn bills read"]);
  assert.deepEqual(write("bills", ""), ["info bills undefined", "warn bills undefined"]);
  log.use([]);
  assert.deepEqual(write("orders", "write"), ["info orders write", "warn orders write"]);
});
