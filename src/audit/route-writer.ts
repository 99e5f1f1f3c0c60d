import type { ApiFacts, Route } from "#model/snapshot.ts";
import { type JsonWriter, piece } from "./json-writer.ts";

/** Writes the route. It is the same text for every request of it, so the text is kept, and checked by identity. */
export class RouteWriter {
  readonly #known: ({ readonly route: Route; readonly text: Uint8Array } | undefined)[] = [];

  write(json: JsonWriter, route: Route | null, api: ApiFacts | null): void {
    if (route === null || api === null) return;
    const known = this.#known[route.id];
    if (known?.route === route) {
      json.copy(known.text);
      return;
    }
    const start = json.at;
    writeRoute(json, route, api);
    if (json.overflowed) return;
    this.#known[route.id] = { route, text: Uint8Array.from(json.bytes.subarray(start, json.at)) };
  }
}

function writeRoute(json: JsonWriter, route: Route, api: ApiFacts): void {
  json.raw(',"route":{"api":');
  json.text(api.name, 128);
  json.member(pieces.version, api.version, 128);
  if (api.revision !== null) {
    json.copy(pieces.revision);
    json.count(api.revision.number);
  }
  json.raw(',"operation":');
  json.text(route.operation, 128);
  json.raw(',"template":');
  json.text(route.template, 256);
  json.raw("}");
}

const pieces = {
  version: piece(',"version":'),
  revision: piece(',"revision":'),
} as const;
