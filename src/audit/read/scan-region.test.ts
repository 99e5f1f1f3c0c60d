import assert from "node:assert/strict";
import { it } from "node:test";
import { shortRecord } from "#audit/testing/doubles.ts";
import { matchOf } from "./scan-region.ts";
import type { SearchQuery } from "./search-query.ts";

const nothing = (): undefined => undefined;

it("gives an intent only to whoever asks for intents", () => {
  const all: SearchQuery = { fromMs: 0, toMs: Infinity, required: [], matches: () => true };
  const stored = (more: string): string => shortRecord(1).toString().replace(/\}$/, `${more},"seq":7}`);
  const intents = { ...all, required: [{ path: "stage", value: "intent" }] };
  assert.equal(matchOf(stored(',"stage":"intent"'), nothing, all), undefined);
  assert.ok(matchOf(stored(',"stage":"intent"'), nothing, intents));
  assert.ok(matchOf(stored(',"stage":"open"'), nothing, all));
  assert.ok(matchOf(stored(""), nothing, all));
});
