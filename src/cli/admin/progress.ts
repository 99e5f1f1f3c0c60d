const patienceMs = 2000;

/** Says on standard error what is waited for when it takes longer than two seconds: again each second on a terminal. */
export async function withProgress<T>(what: string, work: Promise<T>): Promise<T> {
  const { stderr } = process;
  const started = performance.now();
  let told = false;
  const tell = (): void => {
    if (told && !stderr.isTTY) return;
    told = true;
    const seconds = Math.round((performance.now() - started) / 1000);
    stderr.write(stderr.isTTY ? `\r${what} … ${seconds} s` : `${what} …\n`);
  };
  const first = setTimeout(() => {
    tell();
    again = setInterval(tell, 1000);
  }, patienceMs);
  let again: NodeJS.Timeout | undefined;
  try {
    return await work;
  } finally {
    clearTimeout(first);
    clearInterval(again);
    if (told && stderr.isTTY) stderr.write("\n");
  }
}
