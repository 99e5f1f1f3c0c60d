import { bodies } from "./bodies.ts";
import type { Case } from "./case.ts";
import { idle } from "./idle.ts";
import { strict, tail } from "./latency.ts";
import { scale } from "./scale.ts";
import { sideBySide } from "./side-by-side.ts";

/** In the order in which --all runs them. */
export const cases: readonly Case[] = [
  sideBySide("path", "the whole policy path and bare proxying beside nginx, HAProxy and Caddy", [
    "nginx:bare",
    "sallyport:whole",
    "haproxy:policy",
    "caddy:bare",
    "sallyport:bare",
    "caddy:policy",
  ]),
  sideBySide("http2", "HTTP/2, eight connections of 32 streams", [
    "nginx:bare-h2",
    "sallyport:whole-h2",
    "caddy:bare-h2",
    "sallyport:bare-h2",
  ]),
  sideBySide("workers", "two workers beside one", ["sallyport:whole", "sallyport:whole-two-workers"]),
  strict,
  tail,
  bodies,
  scale,
  idle,
  sideBySide("clear", "bare proxying without TLS", [
    "nginx:bare-http",
    "haproxy:bare-http",
    "caddy:bare-http",
    "sallyport:bare-http",
  ]),
  sideBySide("files", "a file of 400 bytes", ["nginx:file", "caddy:file", "sallyport:file"]),
];
