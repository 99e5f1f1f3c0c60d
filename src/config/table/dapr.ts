import { parseBackendUrl } from "#config/checks/urls.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Parsed, text } from "#config/shapes/text.ts";

export interface DaprInput {
  readonly url: string;
}

export const daprShape: ObjectShape<DaprInput> = object<DaprInput>("dapr", {
  url: {
    shape: text("a URL", parseSidecarUrl),
    about: "Where the sidecar's HTTP API is.",
    default: "http://127.0.0.1:3500",
  },
});

function parseSidecarUrl(url: string): Parsed<string> {
  return url.startsWith("unix:")
    ? { problem: "Dapr's sidecar is not asked over a Unix socket", fix: "write http://127.0.0.1:3500" }
    : parseBackendUrl(url);
}
