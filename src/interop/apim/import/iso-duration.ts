const form = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?$/;

/** `PT1M30S` in seconds; undefined for what is none, and for years and months. @see ISO 8601 */
export function isoSeconds(text: string): number | undefined {
  const parts = form.exec(text);
  if (parts === null || text === "P" || text.endsWith("T")) return undefined;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = parts;
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
