/** What a command of the bench can be told: its option with a value, and what that means. */
export type Usage = readonly (readonly [option: string, about: string])[];

/** Shows help where it is asked for, and ends with 0. @param rest below the options */
export function helpIfAsked(command: string, about: string, usage: Usage, rest: string): void {
  if (!process.argv.slice(2).some((arg) => arg === "--help" || arg === "-h")) return;
  const width = Math.max(...usage.map(([option]) => option.length)) + 2;
  const options = usage.map(([option, what]) => `  ${option.padEnd(width)}${what}`).join("\n");
  process.stdout.write(`${about}\n\nUsage: npm run ${command} -- [options]\n\n${options}\n\n${rest}\n`);
  process.exit(0);
}
