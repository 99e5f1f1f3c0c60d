/** Sets TXT records somewhere. Names are absolute without a final dot; failures are GatewayErrors with the service's own text. */
export interface TxtRecords {
  /** @param all every text that is to stand at the name now, `text` among them */
  add(name: string, text: string, all: readonly string[]): Promise<void>;
  /** @param rest the texts that stay at the name */
  remove(name: string, text: string, rest: readonly string[]): Promise<void>;
}

/** Short, since the record lives for minutes. */
export const recordTtlSeconds = 60;
