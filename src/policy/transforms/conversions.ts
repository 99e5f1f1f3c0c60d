import type { Steps } from "#lib/slices.ts";
import { parseNetDate, roundTrip } from "#notation/liquid/net-date.ts";
import { parseExactJson } from "#policy/exact-json.ts";
import { jsonToXml, type JsonToXmlSettings } from "#policy/xml/json-to-xml.ts";
import { parseXml } from "#policy/xml/parse-xml.ts";
import { xmlToJson, type XmlToJsonSettings } from "#policy/xml/xml-to-json.ts";

export interface JsonToXmlRules extends Omit<JsonToXmlSettings, "text"> {
  /** Texts that Newtonsoft reads as dates are written as XML has dates. */
  readonly parseDate: boolean;
}

export function* convertXml(text: string, settings: XmlToJsonSettings): Steps<string> {
  return yield* xmlToJson(yield* parseXml(text), settings);
}

export function* convertJson(text: string, { parseDate, ...rest }: JsonToXmlRules): Steps<string> {
  return yield* jsonToXml(parseExactJson(text), { ...rest, text: parseDate ? dateOrItself : asItIs });
}

function asItIs(text: string): string {
  return text;
}

function dateOrItself(text: string): string {
  const date = parseNetDate(text);
  return date === undefined ? text : roundTrip(date);
}
