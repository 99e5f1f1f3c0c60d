import { parseProtocol } from "#config/checks/words.ts";
import { list } from "#config/shapes/list.ts";
import type { OpenField } from "#config/shapes/object.ts";
import { text } from "#config/shapes/text.ts";

export const upgradesField: OpenField<readonly string[]> = {
  shape: list(text("a protocol's name", parseProtocol)),
  about: "Protocols that GET requests may switch to; websocket when absent, [] for none.",
};
