import { parseHeaderName, parseParameterName } from "#config/checks/words.ts";
import { flag } from "#config/shapes/choice.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

/** Which one of segment, header and query is there is checked where version sets are put together. */
export interface VersionSetInput {
  readonly segment: boolean;
  readonly header: string | undefined;
  readonly query: string | undefined;
  readonly default: Located<string> | undefined;
}

export const versionSetShape: ObjectShape<VersionSetInput> = object<VersionSetInput>("a version set", {
  segment: { shape: flag, about: "true: the first segment behind the API's path.", default: false },
  header: { shape: text("the name of a header field", parseHeaderName), about: "A header field, such as Api-Version." },
  query: { shape: text("the name of a query parameter", parseParameterName), about: "A query parameter." },
  default: { shape: located(anyText), about: "Version that is served when none is asked for." },
});
