import assert from "node:assert/strict";
import { it } from "node:test";
import type { ScimObject } from "./attributes.ts";
import { patched, readPatch } from "./patch.ts";

const ann: ScimObject = {
  userName: "ann",
  active: true,
  name: { givenName: "Ann" },
  emails: [{ type: "work", value: "a@example.com" }],
};

const patch = (...operations: readonly ScimObject[]): ScimObject => patched(ann, readPatch({ Operations: operations }));

it("does what providers send", () => {
  assert.equal(patch({ op: "Replace", path: "active", value: "False" })["active"], "False");
  assert.equal(patch({ op: "replace", value: { active: false } })["active"], false);
  assert.deepEqual(patch({ op: "replace", value: { "name.familyName": "Other" } })["name"], {
    givenName: "Ann",
    familyName: "Other",
  });
  assert.deepEqual(patch({ op: "replace", path: 'emails[type eq "work"].value', value: "b@example.com" })["emails"], [
    { type: "work", value: "b@example.com" },
  ]);
  assert.deepEqual(
    (patch({ op: "add", path: 'emails[type eq "home"].value', value: "h@example.com" })["emails"] as object[])[1],
    { type: "home", value: "h@example.com" },
  );
  assert.deepEqual(patch({ op: "remove", path: 'emails[type eq "work"]' })["emails"], []);
  assert.equal(patch({ op: "remove", path: "NAME" })["name"], undefined);
  assert.deepEqual(
    (patch({ op: "add", path: "emails", value: [{ value: "c@example.com" }] })["emails"] as object[]).length,
    2,
  );
  assert.deepEqual(
    patch({ op: "add", path: "urn:ietf:params:scim:schemas:core:2.0:User:title", value: "Dr" })["title"],
    "Dr",
  );
});

it("does one after the other, and leaves what it was given", () => {
  const changed = patch({ op: "remove", path: "active" }, { op: "add", value: { active: false } });
  assert.deepEqual([changed["active"], ann["active"]], [false, true]);
});

it("refuses what is no patch", () => {
  const bad: readonly (readonly [ScimObject, string | undefined])[] = [
    [{}, "invalidSyntax"],
    [{ Operations: [] }, "invalidSyntax"],
    [{ Operations: ["x"] }, "invalidSyntax"],
    [{ Operations: [{ op: "move", path: "a" }] }, "invalidSyntax"],
    [{ Operations: [{ op: "remove" }] }, "noTarget"],
    [{ Operations: [{ op: "add", path: "a b", value: 1 }] }, "invalidPath"],
    [{ Operations: [{ op: "add", value: 1 }] }, "invalidValue"],
    [{ Operations: [{ op: "replace", path: 'emails[value co "z"].type', value: "x" }] }, "noTarget"],
    [{ Operations: Array.from({ length: 101 }, () => ({ op: "remove", path: "a" })) }, undefined],
  ];
  for (const [body, scimType] of bad) {
    assert.throws(
      () => patched(ann, readPatch(body)),
      { name: "ScimError", scimType },
      JSON.stringify(body).slice(0, 80),
    );
  }
});

it("looks through no more than it must, whatever a body has room for", () => {
  const many = Object.fromEntries(Array.from({ length: 7000 }, (_, at) => [`a${at}`, 1]));
  const items = Array.from({ length: 5000 }, () => ({ type: "work" }));
  const address = { op: "replace", path: 'emails[type eq "work"].value', value: "a@example.com" };
  const bodies: readonly (readonly ScimObject[])[] = [
    [{ op: "add", value: many }],
    [{ op: "replace", path: "emails", value: items }, address],
    [
      { op: "replace", path: "emails", value: items },
      { op: "add", path: "emails", value: {} },
    ],
  ];
  for (const operations of bodies) assert.throws(() => patch(...operations), { status: 413 });
  const path = `emails[${"type pr or ".repeat(2000)}type pr]`;
  assert.throws(() => patch({ op: "add", path, value: 1 }), { status: 400, scimType: "invalidPath" });
});
