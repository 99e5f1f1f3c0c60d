interface Waiting {
  start(): void;
}

/** As many as a worker may ask for. */
const mostWaiting = 1024;

/** Lets some of many have their turn at a time, the others in order. */
export class Turns {
  readonly #atOnce: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** @throws Error when too many wait already; what the work throws */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#turn();
    try {
      return await work();
    } finally {
      this.#taken -= 1;
      this.#waiting.shift()?.start();
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, refuse) => {
      const start = (): void => {
        this.#taken += 1;
        resolve();
      };
      if (this.#taken < this.#atOnce) start();
      else if (this.#waiting.length < mostWaiting) this.#waiting.push({ start });
      else refuse(new Error("too many are waiting"));
    });
  }
}
