import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { importFolder } from "./import-folder.ts";
import { readUsers } from "./users.ts";

const listed = {
  value: [
    {
      id: "/subscriptions/s/users/57681833a40f7eb6c49f6acf",
      name: "57681833a40f7eb6c49f6acf",
      properties: {
        firstName: "foo",
        lastName: "bar",
        email: "foobar@example.com",
        state: "active",
        registrationDate: "2017-06-18T08:15:30.3Z",
        note: "a note",
        groups: [{ name: "partners", type: "custom" }],
        identities: [{ provider: "Basic", id: "foobar@example.com" }],
      },
    },
    { name: "2", properties: { email: "b@example.com", state: "deleted" } },
  ],
};
const foo = {
  id: "57681833a40f7eb6c49f6acf",
  email: "foobar@example.com",
  firstName: "foo",
  lastName: "bar",
  state: "active",
  note: "a note",
  identities: [{ provider: "Basic", id: "foobar@example.com" }],
  groups: ["partners", "developers"],
  registeredAt: "2017-06-18T08:15:30.300Z",
};

describe("users of API Management", () => {
  it("are read as the management API lists them, and who was refused there stays so", () => {
    const users = readUsers(JSON.stringify(listed));
    assert.ok(typeof users !== "string");
    assert.deepEqual(users[0], foo);
    assert.deepEqual([users[1]?.id, users[1]?.state, users[1]?.groups], ["2", "blocked", ["developers"]]);
  });

  it("are read from a CSV", () => {
    const text = `Id,E-mail,First Name,State,Groups\n/users/1,"a@example.com",Ann,Pending,partners; staff\n`;
    const users = readUsers(text);
    assert.ok(typeof users !== "string");
    const { id, email, firstName, state, groups } = users[0] ?? {};
    assert.deepEqual(
      [id, email, firstName, state, groups],
      ["1", "a@example.com", "Ann", "pending", ["partners", "staff", "developers"]],
    );
    for (const none of ["name\nann\n", "{", '{"a":1}']) {
      const problem = readUsers(none);
      assert.ok(typeof problem === "string" && !problem.includes("ann"));
    }
  });

  it("are written for the running gateway, with the groups that there are and products that name them", () => {
    const texts = new Map([
      ["groups/staff/groupInformation.json", JSON.stringify({ properties: { displayName: "Our staff" } })],
      ["products/p/productInformation.json", JSON.stringify({ properties: { displayName: "P" } })],
      ["products/p/groups/partners/productGroupInformation.json", "{}"],
      ["products/p/groups/administrators/productGroupInformation.json", "{}"],
    ]);
    const artifacts = { folder: "in", texts, configurations: new Map(), unread: new Map() };
    const users = readUsers(JSON.stringify(listed));
    assert.ok(typeof users !== "string");
    const { files, secrets, report } = importFolder(artifacts, {}, [], users);
    const written = JSON.parse(secrets.get("users.json") ?? "") as { users: unknown[]; groups: unknown[] };
    assert.deepEqual(written.users[0], foo);
    assert.deepEqual(written.groups, [
      { name: "partners", displayName: "partners", description: "" },
      { name: "staff", displayName: "Our staff", description: "" },
    ]);
    const { products } = parse(files.get("sallyport.yaml") ?? "") as { products: Record<string, { groups: string[] }> };
    assert.deepEqual(products["p"]?.groups, ["partners"]);
    assert.deepEqual(report.unsupported, []);
    assert.equal(importFolder(artifacts, {}, []).secrets.size, 0);
  });
});
