export const schemaNamespace: string = "http://www.w3.org/2001/XMLSchema";

/** A schema by its target namespace; "": none. */
export function schemaOf(space: string, content: readonly string[]): string {
  const target = space === "" ? "" : ` targetNamespace="${escaped(space)}"`;
  return `<xs:schema xmlns:xs="${schemaNamespace}"${target}>${content.join("")}</xs:schema>`;
}

export function importOf(space: string, location: string): string {
  const named = space === "" ? "" : ` namespace="${escaped(space)}"`;
  return `<xs:import${named} schemaLocation="${location}"/>`;
}

export function includeOf(location: string): string {
  return `<xs:include schemaLocation="${location}"/>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
