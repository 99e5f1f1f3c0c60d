import { isScalar } from "yaml";
import { parseBackendUrl } from "#config/checks/urls.ts";
import { parseHeaderName } from "#config/checks/words.ts";
import { fixed } from "#config/shapes/fixed.ts";
import { choice } from "#config/shapes/choice.ts";
import { list } from "#config/shapes/list.ts";
import { decimal, duration, integer, size } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface ShadowInput {
  readonly to: string | undefined;
  readonly ca: Located<string> | undefined;
  readonly sample: number;
  readonly methods: readonly ("GET" | "HEAD" | "OPTIONS")[];
  readonly credentials: Located<"as-sent" | "none"> | undefined;
  readonly host: "preserve" | "upstream" | undefined;
  readonly bodyBytes: number;
  readonly ignoreHeaders: readonly string[];
  readonly ignoreFields: readonly string[];
  readonly timeout: number;
  readonly concurrency: number;
}

const pointer = text("a JSON pointer", (value) =>
  /^(?:\/(?:[^/~\p{Cc}]|~[01])*)+$/u.test(value) && value.length <= 512
    ? { value }
    : { problem: `${value} is no JSON pointer`, fix: "write /items/*/updatedAt: * stands for any item" },
);

const url = text("a URL", (value) =>
  value.startsWith("unix:")
    ? { problem: "an old gateway is asked over TCP", fix: "write https://host[:port][/base]" }
    : parseBackendUrl(value),
);

const wholeShape: ObjectShape<ShadowInput> = object<ShadowInput>("shadow", {
  to: { shape: url, about: "The old gateway: http(s)://host[:port][/base].", required: true },
  ca: { shape: located(anyText), about: "PEM file of further certificate authorities for the old gateway." },
  sample: { shape: decimal(0, 1), about: "How much of the traffic is asked again there, 0 to 1.", default: 1 },
  methods: {
    shape: list(choice(["GET", "HEAD", "OPTIONS"]), 1),
    about: "Methods that are asked again: none that may change something.",
    default: ["GET", "HEAD"],
  },
  credentials: {
    shape: fixed("the use of callers' credentials", located(choice(["as-sent", "none"]))),
    about:
      "as-sent: the old gateway gets the caller's own token, cookies and key, to check them itself. none: it gets none of them.",
    required: true,
  },
  host: {
    shape: choice(["preserve", "upstream"]),
    about: "Host that the old gateway sees: the client's (default for http) or its own (default for https).",
  },
  // Bodies are compared on a thread beside the worker, which a hostile one of this size keeps for a second.
  bodyBytes: { shape: size(0, 256 * 1024), about: "How much of a body is compared.", default: 64 * 1024 },
  ignoreHeaders: {
    shape: list(text("the name of a header field", parseHeaderName)),
    about: "Header fields that are not compared.",
    default: [],
  },
  ignoreFields: { shape: list(pointer), about: "Members of JSON bodies that are not compared.", default: [] },
  timeout: { shape: duration(10, 600_000), about: "Time until the old gateway's whole answer.", default: 30_000 },
  concurrency: {
    shape: integer(1, 1000),
    about: "Requests to the old gateway at a time, of each worker; what comes beyond is left out, and counted.",
    default: 16,
  },
});

/** `false`: none is asked, whatever a broader scope says. */
export const shadowShape: Shape<ShadowInput | "off"> = {
  schema: { anyOf: [{ const: false }, wholeShape.schema] },
  read: (reading, slot) => (isScalar(slot.node) && slot.node.value === false ? "off" : wholeShape.read(reading, slot)),
};
