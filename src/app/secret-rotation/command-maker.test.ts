import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import { callMaker } from "./command-maker.ts";

const shell = (script: string): readonly string[] => ["/bin/sh", "-c", script, "keys"];

async function refusal(work: Promise<string>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof GatewayError && error.code === "secret-rotation-failed");
    return error.message;
  }
  return assert.fail("it did not fail");
}

describe("a program that makes secrets", () => {
  it("says a secret on a line, or as the member value of an object", async () => {
    assert.equal(await callMaker(shell("echo key-1; echo more"), "make", ""), "key-1");
    assert.equal(await callMaker(shell(`echo '{"value":"key-2"}'`), "make", ""), "key-2");
    assert.match(await refusal(callMaker(shell("true"), "make", "")), /printed no secret/);
  });

  it("that fails has its last words shown, without the secret that it was told to drop", async () => {
    const words = await refusal(callMaker(shell("read -r key; echo no such key: $key >&2; exit 3"), "drop", "key-old"));
    assert.match(words, /ended with 3: no such key: \*\*\*$/);
  });

  it("that fails behind having made one has its last words shown without that", async () => {
    for (const printed of ["key-new", '{"value":"key-new"}']) {
      const script = `echo '${printed}'; echo cannot store key-new >&2; exit 1`;
      const words = await refusal(callMaker(shell(script), "make", ""));
      assert.match(words, /ended with 1: cannot store \*\*\*$/);
    }
  });

  it("that neither ends nor heeds a signal, or leaves its output open, is waited for no longer than it may take", async () => {
    for (const script of ["trap '' TERM; echo key; sleep 3; sleep 3", "sleep 3 & echo key; exit 0"]) {
      const started = performance.now();
      assert.match(await refusal(callMaker(shell(script), "make", "", 300)), /has not ended in 0.3 s/);
      assert.ok(performance.now() - started < 2000);
    }
  });
});
