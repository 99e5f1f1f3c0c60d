import { CaddyfileError } from "./token.ts";

/**
 * Takes off each line what stands before the closing marker, and the line end before that.
 * @param body from the line behind the opening marker up to the closing one
 * @throws CaddyfileError where a line does not begin with it
 */
export function dedent(
  body: string,
  marker: string,
  { file, line }: { readonly file: string; readonly line: number },
): string {
  const lines = body.replaceAll("\r", "").split("\n");
  const padding = lines.pop() ?? "";
  return lines
    .map((text, index) => {
      if (text.startsWith(padding)) return text.slice(padding.length);
      if (text === "") return "";
      const at = { file, line: line + index + 1 };
      throw new CaddyfileError(`this line of <<${marker} has not the white space that stands before its end`, at);
    })
    .join("\n");
}
