import { SaxesParser } from "saxes";
import { plainName } from "./names.ts";
import { nameOfOperation, servable, type WrittenOperation } from "./written-operation.ts";

/**
 * Operations of a WADL document: the methods within its resources. None of what is no XML.
 * @see https://www.w3.org/Submission/wadl/
 */
export function wadlOperations(text: string): readonly WrittenOperation[] {
  const operations: WrittenOperation[] = [];
  const paths: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  let broken = false;
  parser.on("error", () => (broken = true));
  parser.on("opentag", ({ local, attributes }) => {
    const attribute = (name: string): string => attributes[name]?.value ?? "";
    if (local === "resource") paths.push(attribute("path").replaceAll(/^\/+|\/+$/g, ""));
    if (local !== "method" || attribute("name") === "") return;
    const path = servable(`/${paths.filter((one) => one !== "").join("/")}`);
    const id = attribute("id");
    const name = id === "" ? nameOfOperation(attribute("name"), path) : plainName(id);
    operations.push({ name, method: attribute("name").toUpperCase(), path });
  });
  parser.on("closetag", ({ local }) => {
    if (local === "resource") paths.pop();
  });
  parser.write(text).close();
  return broken ? [] : operations;
}
