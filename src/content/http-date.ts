/** IMF-fixdate, and the two obsolete forms that recipients must read. @see RFC 9110 §5.6.7 */
const forms =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT)$/;
const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** Seconds since the epoch; undefined for what is no HTTP-date, which is then as if it were not there. */
export function readHttpDate(text: string): number | undefined {
  const zoned = asctime.test(text) ? `${text} GMT` : forms.test(text) ? text : undefined;
  const time = zoned === undefined ? Number.NaN : Date.parse(zoned);
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

export function writeHttpDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString();
}
