import type { HeaderList } from "#model/header-list.ts";

const received: Readonly<Record<string, string>> = {
  "HTTP/1.0": "1.0 sallyport",
  "HTTP/1.1": "1.1 sallyport",
  "HTTP/2": "2 sallyport",
};

/**
 * Adds this gateway to `Via`, in either direction. A pseudonym stands for the host, so that inside names stay inside.
 *
 * @param protocol what the message was received over
 * @see RFC 9110 §7.6.3
 */
export function applyVia(headers: HeaderList, protocol: "HTTP/1.0" | "HTTP/1.1" | "HTTP/2"): void {
  headers.append("Via", received[protocol] as string);
}
