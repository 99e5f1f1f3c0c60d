import { largeBytes } from "./site.ts";
import type { Target } from "./target.ts";

type Large = Pick<Target, "case" | "path" | "connections" | "bodyBytes">;

/** Bodies of 10 MB, four at a time: more would only share the same CPU. */
export const large: { readonly down: Large; readonly up: Large } = {
  down: { case: "download of 10 MB, HTTPS", path: "/large/down", connections: 4 },
  up: { case: "upload of 10 MB, HTTPS", path: "/large/up", connections: 4, bodyBytes: largeBytes },
};
