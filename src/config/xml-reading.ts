import { NamedValues } from "#notation/named-values.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import type { XmlPolicyReading } from "#notation/xml/reading.ts";

/** The same reading for documents in XML. Where values stay open, none is filled in. */
export function xmlReading({
  problems,
  catalogue,
  values,
  onArgument,
  fragments,
  checkCsharp,
  open,
}: PolicyReading): XmlPolicyReading {
  const known = open === true ? new NamedValues(new Map()) : values;
  return { problems, catalogue, values: known, onArgument, fragments, checkCsharp, open: open === true };
}
