import { controlEvents } from "#model/control-events.ts";

/** docs/reference/events.md: the closed list of events. */
export function eventReference(): string {
  return [
    "# Events",
    "",
    "Generated from `src/model/control-events.ts` (`npm run schema`). What is done to the gateway stands in the [record](../howto/audit.md) as events, lines of the same chain as those of requests: `event` is one of these types, `principal` who has done it (the gateway itself is `urn:sallyport:gateway||itself`), `request` the id of the call that did it, and `details` what the table says; details that do not apply are left out. Names are never renamed. No event holds a token, a key or another secret.",
    "",
    ...Object.entries(controlEvents).flatMap(([name, { about, details }]) => [
      `## ${name}`,
      "",
      about,
      "",
      ...rows(details),
    ]),
  ].join("\n");
}

function rows(details: Readonly<Record<string, string>>): readonly string[] {
  const all = Object.entries(details);
  if (all.length === 0) return [];
  return [
    "| detail | what it says |",
    "| --- | --- |",
    ...all.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    "",
  ];
}
