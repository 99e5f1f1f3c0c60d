import { registerHooks } from "node:module";

/**
 * Loaded in front of a gateway by the bench alone: puts sinks that do nothing in the place of those of the record and of
 * analytics, in every thread. The gateway itself has no way to serve without a record.
 */
const standIns = new Map(
  [
    ["record-sink.ts", "no-record-sink.ts"],
    ["metrics/usage.ts", "no-usage.ts"],
  ].map(([real, standIn]) => [
    new URL(`../../src/app/${real}`, import.meta.url).href,
    new URL(`./${standIn}`, import.meta.url).href,
  ]),
);

registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    const url = standIns.get(found.url);
    // A stand-in may build on the real one.
    return url === undefined || url === context.parentURL ? found : { ...found, url };
  },
});
