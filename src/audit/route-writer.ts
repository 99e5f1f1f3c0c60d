import type { ApiFacts, Route } from "#model/snapshot.ts";
import type { JsonWriter } from "./json-writer.ts";

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
  json.raw(',"operation":');
  json.text(route.operation, 128);
  json.raw(',"template":');
  json.text(route.template, 256);
  json.raw("}");
}
