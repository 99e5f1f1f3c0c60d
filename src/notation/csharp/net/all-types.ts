import { TypeRegistry } from "#notation/csharp/type/registry.ts";
import { holdRegistry } from "#notation/csharp/type/registry-holder.ts";
import { readPropertiesWith } from "#notation/csharp/json/from-object.ts";
import type { TypeDef } from "#notation/csharp/type/type-def.ts";
import { arrayTable } from "./array.ts";
import { booleanTable } from "./boolean.ts";
import { certificateTables } from "./certificates.ts";
import { charTable } from "./char.ts";
import { collectionTables } from "./collections.ts";
import { comparerTable, equalityComparerTable, stringComparerTable } from "./comparers.ts";
import { contextTables } from "./context.ts";
import { convertTable } from "./convert.ts";
import { cryptoTables } from "./crypto.ts";
import { dateTimeOffsetTable, dateTimeTable } from "./dates.ts";
import { delegateTables } from "./delegates.ts";
import { enumTable } from "./enum.ts";
import { enumerableTable } from "./enumerable.ts";
import { enumTables } from "./enums.ts";
import { exceptionTables } from "./exceptions.ts";
import { interfaceTables } from "./interfaces.ts";
import { jsonTables } from "./json.ts";
import { mathTable } from "./math.ts";
import { messageTables } from "./message.ts";
import { numberTables } from "./numbers.ts";
import { objectTable, typeTable } from "./object.ts";
import { regexTables } from "./regex.ts";
import { stringTable } from "./string.ts";
import { nullableTable, valueTupleTable } from "./structs.ts";
import { systemTables } from "./system.ts";
import { textTables } from "./text.ts";
import { timeSpanTable } from "./time.ts";
import { timeZoneTable } from "./time-zones.ts";
import { webTables } from "./web.ts";
import { xmlDocumentTables } from "./xml-document.ts";
import { xmlPathTable } from "./xml-path.ts";
import { xmlReaderTables } from "./xml-reader.ts";
import { xmlTables } from "./xml.ts";

/** Every type that an expression may name. */
export const typeRegistry: TypeRegistry = new TypeRegistry([
  objectTable,
  typeTable,
  stringTable,
  charTable,
  booleanTable,
  ...numberTables,
  nullableTable,
  valueTupleTable,
  enumTable,
  ...enumTables,
  ...interfaceTables,
  ...delegateTables,
  ...exceptionTables,
  arrayTable,
  ...collectionTables,
  stringComparerTable,
  equalityComparerTable,
  comparerTable,
  enumerableTable,
  mathTable,
  convertTable,
  timeSpanTable,
  timeZoneTable,
  dateTimeTable,
  dateTimeOffsetTable,
  ...systemTables,
  ...textTables,
  ...webTables,
  ...jsonTables,
  ...contextTables,
  ...messageTables,
  ...regexTables,
  ...xmlTables,
  ...xmlDocumentTables,
  ...xmlReaderTables,
  xmlPathTable,
  ...cryptoTables,
  ...certificateTables,
]);

holdRegistry({ lookup: (id) => typeRegistry.get(id) });

/** Properties of an object, for its JSON: those that its type lists. */
readPropertiesWith((value, netType) => {
  const def = typeRegistry.find(netType);
  if (def === undefined) return undefined;
  return propertyNames(def).map((name) => {
    const run = def.members(name)[0]?.run as unknown as (self: object) => unknown;
    return [name, run(value)] as const;
  });
});

function propertyNames(def: TypeDef): readonly string[] {
  return Object.keys(def.table.members ?? {}).flatMap((signature) => /^(\w+):/.exec(signature)?.[1] ?? []);
}
