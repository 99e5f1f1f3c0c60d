/** A request that `sallyport verify` makes of a running gateway, and the answer that is due. */
export interface DeclaredCheck {
  readonly name: string;
  readonly method: string;
  /** Absolute, or a path below the first host that has it. */
  readonly url: string;
  /** Flat `[name, value, …]`. */
  readonly headers: readonly string[];
  /** Variables of whoever verifies; the gateway reads neither. */
  readonly tokenVariable: string | null;
  readonly keyVariable: string | null;
  readonly body: string | null;
  readonly expect: ExpectedAnswer;
}

export interface ExpectedAnswer {
  /** At least one. */
  readonly status: readonly number[];
  /** Code of a refusal; null: whatever it is. */
  readonly reason: string | null;
  /** Field, lower case → its value; `*`: any. */
  readonly headers: Readonly<Record<string, string>>;
  /** What its body holds; null: whatever. */
  readonly contains: string | null;
  /** Fields, lower case, whose values the body holds as they were sent: it shows what has arrived. Absent: none. */
  readonly echoes?: readonly string[];
  readonly withinMs: number;
}
