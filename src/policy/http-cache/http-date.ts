const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const forms: readonly RegExp[] = [
  // IMF-fixdate, RFC 850, asctime: a recipient must take all three.
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/**
 * Milliseconds since the epoch, or null for what is no HTTP-date: `Date.parse` takes far more than that, and a cache that
 * guesses serves what it should not.
 *
 * @param now for years of two digits, which are never more than 50 years ahead
 * @see RFC 9110 §5.6.7
 */
export function parseHttpDate(text: string | undefined, now: number): number | null {
  if (text === undefined) return null;
  for (const form of forms) {
    const parts = form.exec(text.trim())?.groups;
    if (parts !== undefined) return dateOf(parts, now);
  }
  return null;
}

function dateOf(parts: Readonly<Record<string, string>>, now: number): number | null {
  const month = months.indexOf(parts["month"] as string);
  const [hour = 0, minute = 0, second = 0] = (parts["time"] as string).split(":").map(Number);
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return null;
  return Date.UTC(fullYear(parts["year"] as string, now), month, Number(parts["day"]), hour, minute, second);
}

function fullYear(digits: string, now: number): number {
  const year = Number(digits);
  if (digits.length > 2) return year;
  const current = new Date(now).getUTCFullYear();
  const guess = current - (current % 100) + year;
  return guess > current + 50 ? guess - 100 : guess;
}
