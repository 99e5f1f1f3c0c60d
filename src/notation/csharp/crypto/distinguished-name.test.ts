import assert from "node:assert/strict";
import { it } from "node:test";
import { readElement } from "#lib/ber.ts";
import { distinguishedName } from "./distinguished-name.ts";

const element = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
};
const attribute = (oid: string, value: Buffer): Buffer => element(0x30, element(0x06, Buffer.from(oid, "hex")), value);
const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text));
const nameOf = (...sets: readonly (readonly Buffer[])[]): string =>
  distinguishedName(readElement(element(0x30, ...sets.map((parts) => element(0x31, ...parts)))));

const cn = "550403";
const o = "55040a";

it("prints names as .NET does: the narrowest part first, in quotes what could be misread", () => {
  assert.equal(nameOf([attribute(o, utf8("Contoso"))], [attribute(cn, utf8("a"))]), "CN=a, O=Contoso");
  assert.equal(nameOf([attribute(cn, utf8("a")), attribute(o, utf8("b"))]), "CN=a + O=b");
  for (const text of ["a,b", "a+b", "a=b", "a<b", "a>b", "#a", "a;b", " a", "a ", "", "a\nb"]) {
    assert.equal(nameOf([attribute(cn, utf8(text))]), `CN="${text}"`);
  }
  assert.equal(nameOf([attribute(cn, utf8('a"b'))]), 'CN="a""b"');
  assert.equal(nameOf([attribute(cn, utf8("a\\b, CN=c"))]), 'CN="a\\b, CN=c"');
});

it("reads every kind of text, and prints attributes without a name by their number", () => {
  assert.equal(nameOf([attribute(cn, element(0x1e, Buffer.from("20ac", "hex")))]), "CN=€");
  assert.equal(nameOf([attribute(cn, element(0x13, Buffer.from("plain")))]), "CN=plain");
  assert.equal(nameOf([attribute(cn, element(0x14, Buffer.from([0xe4])))]), "CN=ä");
  assert.equal(nameOf([attribute(cn, element(0x03, Buffer.from([0, 1])))]), 'CN="#0001"');
  assert.equal(nameOf([attribute("2a030405", utf8("x"))]), "OID.1.2.3.4.5=x");
  assert.equal(nameOf([attribute("0992268993f22c640119", utf8("example"))]), "DC=example");
  assert.equal(nameOf(), "");
});
