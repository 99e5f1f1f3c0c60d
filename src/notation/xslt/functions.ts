import { coreFunctions } from "#notation/xpath/functions.ts";
import type { Functions } from "#notation/xpath/compile.ts";
import { wrong } from "#notation/xpath/problem.ts";
import { toNodes, toNumber, toText, type Value } from "#notation/xpath/values.ts";
import { textOf } from "#notation/dom/node.ts";
import { formatNumber } from "./format-number.ts";
import { instructionNames } from "./names.ts";
import type { Scene, SceneAt, SceneFunction } from "./scene.ts";

type Expand = (qualified: string) => string;

function define(least: number, most: number, run: (at: SceneAt, args: readonly Value[]) => Value): SceneFunction {
  return { least, most, run };
}

/** What turns a variable's tree into nodes. Here it is a set of nodes anyway. */
const nodeSet: SceneFunction = define(1, 1, (_, [value = ""]) => toNodes(value));

const nodeSets: ReadonlySet<string> = new Set([
  "{urn:schemas-microsoft-com:xslt}node-set",
  "{http://exslt.org/common}node-set",
]);

const properties: Readonly<Record<string, Value>> = {
  "xsl:version": 1,
  "xsl:vendor": "Sallyport",
  "xsl:vendor-url": "",
};

/**
 * The functions of a stylesheet: XPath's and those of XSLT 1.0 §12. `document()` would reach out of the gateway.
 * @param expand `{uri}local` of a name with a prefix, as it is declared at the expression
 */
export function functionsAt(expand: Expand): Functions<Scene> {
  const own: Readonly<Record<string, SceneFunction>> = {
    current: define(0, 0, ({ around }) => [around.current]),
    key: define(2, 2, ({ node, around }, [name = "", value = ""]) => {
      const { meter, engine } = around;
      const values = typeof value === "object" ? value.map((each) => textOf(each, meter)) : [toText(value, meter)];
      return engine.keyed(expand(toText(name, meter)), values, node);
    }),
    "format-number": define(2, 3, ({ around: { meter, engine } }, [value = "", pattern = "", name]) => {
      const wanted = name === undefined ? "" : expand(toText(name, meter));
      const format = engine.stylesheet.decimalFormats.get(wanted) ?? wrong("there is no decimal format of that name");
      const text = formatNumber(toNumber(value, meter), toText(pattern, meter).slice(0, 200), format);
      meter.charge(text.length * 2);
      return text;
    }),
    "generate-id": define(0, 1, ({ node, around }, [nodes = [node]]) => {
      const [first] = toNodes(nodes);
      return first === undefined ? "" : around.engine.idOf(first);
    }),
    "system-property": define(1, 1, ({ around }, [name = ""]) => properties[toText(name, around.meter)] ?? ""),
    "element-available": define(1, 1, ({ around }, [name = ""]) =>
      instructionNames.has(toText(name, around.meter).replace(/^.*:/, "")),
    ),
    "function-available": define(1, 1, ({ around }, [name = ""]) => {
      const expanded = expand(toText(name, around.meter));
      return nodeSets.has(expanded) || Object.hasOwn(own, expanded) || coreFunctions(expanded) !== undefined;
    }),
    "unparsed-entity-uri": define(1, 1, () => ""),
  };
  return (name) => {
    if (name === "document") wrong("document() would read from elsewhere, which no stylesheet may");
    if (nodeSets.has(name)) return nodeSet;
    return Object.hasOwn(own, name) ? own[name] : (coreFunctions(name) as SceneFunction | undefined);
  };
}
