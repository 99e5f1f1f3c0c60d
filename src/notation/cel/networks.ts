import { BlockList, isIP } from "node:net";
import { ParseError, type ASTNode } from "@marcbachmann/cel-js";
import { literalString, type MacroCall, textMacro, type TextMacro } from "./text-macro.ts";

/** `address.inNetwork("10.0.0.0/8")`: an address, or one of a range. What is no address is in none. */
export function inNetworkMacro({ args, receiver }: MacroCall): TextMacro<boolean> {
  const range = networkOf(args[0]);
  return textMacro("inNetwork", "bool", receiver, (subject) => {
    const family = isIP(subject);
    return family !== 0 && range.check(subject, family === 6 ? "ipv6" : "ipv4");
  });
}

function networkOf(node: ASTNode | undefined): BlockList {
  const text = literalString(node, "inNetwork() takes a network that is written out as a string");
  const [address = "", prefix] = text.split("/");
  const family = isIP(address);
  const longest = family === 6 ? 128 : 32;
  const bits = prefix === undefined ? longest : Number(prefix);
  if (family === 0 || !/^\d{1,3}$/.test(prefix ?? "0") || bits > longest) {
    throw new ParseError(`inNetwork() takes an address or a range such as 10.0.0.0/8, not ${text}`, node as ASTNode);
  }
  const list = new BlockList();
  list.addSubnet(address, bits, family === 6 ? "ipv6" : "ipv4");
  return list;
}
