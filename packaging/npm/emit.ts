import { stripTypeScriptTypes } from "node:module";

/** Where a module names another one: in an import or export, an `import()`, or the address of a thread's first file. */
const references = /(\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)"([#.\w][^"\n]*)\.ts"/g;

/**
 * A module of the checkout as the package has it: without types, which Node does not strip below `node_modules`, and
 * naming its neighbours by the ending that they have there. Types leave blanks behind, so that a line and a column of a
 * stack trace are those of the checkout.
 */
export function emit(source: string): string {
  return stripTypeScriptTypes(source, { mode: "strip" }).replaceAll(references, '$1"$2.js"');
}
