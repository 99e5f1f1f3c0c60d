/** The shortest text that reads back as the same double; with an exponent from 1E+15 up and below 1E-04. */
export function formatDouble(value: number): string {
  return special(value) ?? written(value, digitsOf(value));
}

export function formatSingle(value: number): string {
  const found = special(value);
  if (found !== undefined) return found;
  for (let precision = 6; precision < 9; precision++) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) return written(short, digitsOf(short), 7);
  }
  return written(value, digitsOf(Number(value.toPrecision(9))), 7);
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "Infinity";
  if (value === -Infinity) return "-Infinity";
  return value === 0 ? (Object.is(value, -0) ? "-0" : "0") : undefined;
}

/** Significant digits without trailing zeros, and the decimal exponent of the first. */
export function digitsOf(value: number): { readonly digits: string; readonly exponent: number } {
  const [mantissa = "0", exponent = "0"] = Math.abs(value).toExponential().split("e");
  return { digits: mantissa.replace(".", ""), exponent: Number(exponent) };
}

function written(value: number, { digits, exponent }: ReturnType<typeof digitsOf>, from = 15): string {
  const sign = value < 0 ? "-" : "";
  if (exponent >= from || exponent < -4) return sign + scientific(digits, exponent);
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = digits.slice(exponent + 1);
  return sign + whole + (rest === "" ? "" : `.${rest}`);
}

function scientific(digits: string, exponent: number): string {
  const rest = digits.slice(1);
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${digits[0]}${rest === "" ? "" : `.${rest}`}E${exponent < 0 ? "-" : "+"}${power}`;
}
