import { type Format, openMetricsText, prometheusText } from "./exposition.ts";

/** OpenMetrics where Accept names the version that is spoken here and likes it at least as much as plain text. @see RFC 9110 §12.5.1 */
export function chooseFormat(accept: string): Format {
  const ranges = accept.slice(0, 1000).split(",").map(rangeOf);
  const weight = (holds: (range: Range) => boolean): number => {
    return Math.max(0, ...ranges.filter((range) => holds(range)).map(({ q }) => q));
  };
  const open = weight(
    ({ type, version }) => type === "application/openmetrics-text" && (version ?? "1.0.0") === "1.0.0",
  );
  const plain = weight(({ type, version }) => type === "text/plain" && (version ?? "0.0.4") === "0.0.4");
  return open > 0 && open >= plain ? openMetricsText : prometheusText;
}

interface Range {
  readonly type: string;
  readonly version: string | undefined;
  readonly q: number;
}

function rangeOf(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const named = new Map(parameters.map((part) => [part.split("=")[0] ?? "", part.split("=")[1] ?? ""]));
  const q = Number(named.get("q") ?? 1);
  return { type, version: named.get("version")?.replaceAll('"', ""), q: q >= 0 && q <= 1 ? q : 0 };
}
