import { Document } from "yaml";

/** The text of sallyport.yaml: the same Caddyfile has the same text. */
export function caddyfileDefinitionText(definition: Readonly<Record<string, unknown>>): string {
  const document = new Document(definition, { aliasDuplicateObjects: false });
  document.commentBefore = " A Caddyfile, imported by `sallyport import caddyfile`.";
  return document.toString({ lineWidth: 0 });
}
