import type { HeaderList } from "#model/header-list.ts";

/** Media type without its parameters, lower case; empty when there is none. */
export function mediaTypeOf(headers: HeaderList): string {
  return ((headers.get("content-type") ?? "").split(";", 1)[0] as string).trim().toLowerCase();
}

export function isJson(mediaType: string): boolean {
  return mediaType === "application/json" || mediaType === "text/json" || mediaType.endsWith("+json");
}

export function isXml(mediaType: string): boolean {
  return mediaType === "application/xml" || mediaType === "text/xml" || mediaType.endsWith("+xml");
}
