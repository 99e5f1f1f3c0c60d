import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { numberMembers } from "./linq-numbers.ts";
import { orderMembers } from "./linq-order.ts";
import { resultMembers } from "./linq-result.ts";
import { shapeMembers } from "./linq-shape.ts";

export const enumerableTable: TypeTable = {
  name: "Enumerable",
  namespace: "System.Linq",
  kind: "static",
  statics: { ...shapeMembers, ...orderMembers, ...resultMembers, ...numberMembers },
};
