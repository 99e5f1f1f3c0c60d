/** At most `limit` UTF-16 units; what was cut ends in `…`, and a surrogate pair is never cut in half. */
export function bounded(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 2);
  const keep = last >= 0xd800 && last <= 0xdbff ? limit - 2 : limit - 1;
  return `${text.slice(0, keep)}…`;
}
