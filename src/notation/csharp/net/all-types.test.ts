import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nameOf } from "#notation/csharp/type/define-type.ts";
import { supertypes } from "#notation/csharp/type/subtype.ts";
import { typeRegistry } from "./all-types.ts";

describe("the table of .NET types", () => {
  for (const def of typeRegistry.all) {
    it(`names in ${def.id} only what it has`, () => {
      const { table } = def;
      // Reading a signature looks up every type in it, and throws for one that is not there.
      for (const signature of Object.keys(table.members ?? {}))
        assert.ok(def.members(nameOf(signature)).length > 0, signature);
      for (const signature of Object.keys(table.statics ?? {}))
        assert.ok(def.statics(nameOf(signature)).length > 0, signature);
      for (const signature of Object.keys(table.setters ?? {}))
        assert.ok(def.setters(nameOf(signature)).length > 0, signature);
      for (const signature of Object.keys(table.operators ?? {}))
        assert.ok(def.operators(nameOf(signature)).length > 0, signature);
      assert.equal(def.constructors.length, Object.keys(table.construct ?? {}).length);
      assert.equal(def.invoke === null, table.invoke === undefined);
      assert.ok(supertypes(def.self).length > 0);
    });

    it(`can set in ${def.id} only what can be read`, () => {
      for (const signature of Object.keys(def.table.setters ?? {})) {
        assert.ok(Object.hasOwn(def.table.members ?? {}, signature), signature);
      }
    });
  }

  it("lets a struct have a default value", () => {
    const withoutZero = typeRegistry.all.filter(({ kind, table }) => kind === "struct" && table.zero === undefined);
    assert.deepEqual(
      withoutZero.map(({ id }) => id),
      ["KeyValuePair`2"],
    );
  });
});
