import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import { describeFailure } from "./failure.ts";

describe("a failure, for a person", () => {
  it("has what failed, its code and what to do", () => {
    const text = describeFailure(new GatewayError("store-unavailable", 500, "the backup /nope cannot be unpacked"));
    assert.match(
      text,
      /^sallyport: the backup \/nope cannot be unpacked \(store-unavailable\)\n {2}fix: see that the file/,
    );
  });

  it("of a file is no stack", () => {
    const error = Object.assign(new Error("no"), { code: "EACCES", path: "/x", syscall: "open" });
    assert.match(
      describeFailure(error),
      /^sallyport: \/x cannot be used: EACCES \(open\) \(file-unusable\)\n {2}fix: /,
    );
  });

  it("that nobody foresaw is shown with its stack", () => {
    assert.match(describeFailure(new Error("odd")), /^sallyport: Error: odd\n\s+at /);
  });
});
