import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bar, sparkline } from "./chart.ts";
import { bytesText, countText, timeText } from "./units.ts";

describe("charts in a terminal", () => {
  it("show values by height, and nothing as a blank", () => {
    assert.equal(sparkline([0, 1, 4, 8, 2]), " ▁▄█▂");
    assert.equal(sparkline([0, 0]), "  ");
    assert.equal(sparkline([]), "");
  });

  it("show shares by length, never longer than there is room", () => {
    assert.deepEqual([bar(0.5, 4), bar(1, 4), bar(2, 4), bar(0, 4), bar(0.1, 4)], ["██", "████", "████", "", "▍"]);
  });

  it("show numbers in few characters", () => {
    assert.deepEqual([0, 999, 1500, 2_500_000].map(countText), ["0", "999", "1.5k", "2.5M"]);
    assert.deepEqual([12, 2048, 5e9].map(bytesText), ["12 B", "2.0 KiB", "4.7 GiB"]);
    assert.deepEqual([0.42, 12.3, 12_345, null].map(timeText), ["0.42 ms", "12 ms", "12.3 s", "-"]);
  });
});
