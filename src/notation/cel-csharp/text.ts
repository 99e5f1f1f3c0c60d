import { jsonText } from "./json.ts";
import { quote } from "./quote.ts";
import { type Term, term } from "./term.ts";
import { Untranslatable } from "./untranslatable.ts";

/** A value where text is due, written as this gateway writes it: `true` and not `True`. */
export function textOf(value: Term, offset: number): Term {
  const { type, code, defined } = value;
  switch (type) {
    case "string":
      return value;
    case "int":
      return term("string", `${code}.ToString()`, defined);
    case "bool":
      return term("string", `(${code} ? "true" : "false")`, defined);
    case "null":
      return term("string", quote(""), defined);
    case "timestamp":
      return term("string", `${code}.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)`, defined);
    case "json":
      return jsonText(value);
    case "dyn":
      return term(
        "string",
        `(${code} is bool ? ((bool)${code} ? "true" : "false") : Convert.ToString(${code}))`,
        defined,
      );
    default:
      throw new Untranslatable(
        `a ${type === "double" || type === "duration" ? type : "list"} is written as text`,
        offset,
      );
  }
}
