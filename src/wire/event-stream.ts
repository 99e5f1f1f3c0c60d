import type { HeaderList } from "#model/header-list.ts";

/** Whether a response is a stream of events, silent as long as nothing happens. */
export function isEventStream(headers: HeaderList): boolean {
  const type = headers.get("content-type");
  return type !== undefined && type.length >= 17 && /^text\/event-stream *(?:;|$)/i.test(type);
}
