import type { Provider } from "#model/definition.ts";
import type { Clock, Egress, EgressRequest, EgressResponse, Log } from "#model/ports.ts";
import { GatewayError } from "#model/errors.ts";
import { HeaderList } from "#model/header-list.ts";

/** For tests: time that moves when told. */
export class ManualClock implements Clock {
  #now = Date.parse("2026-01-15T12:00:00Z");
  #mono = 1_000_000;

  now(): number {
    return this.#now;
  }

  mono(): number {
    return this.#mono;
  }

  advance(ms: number): void {
    this.#now += ms;
    this.#mono += ms;
  }
}

/** For tests: keeps what was logged. */
export class KeptLog implements Log {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: unknown }[] = [];

  info(message: string, fields?: unknown): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields?: unknown): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields?: unknown): void {
    this.lines.push({ level: "error", message, fields });
  }
}

/** For tests: the Egress port over fetch, without the checks of the real one. */
export class FetchEgress implements Egress {
  readonly requests: EgressRequest[] = [];

  async fetch(request: EgressRequest): Promise<EgressResponse> {
    this.requests.push(request);
    const response = await fetch(request.url, {
      redirect: "manual",
      signal: AbortSignal.timeout(request.timeoutMs),
    }).catch((cause: unknown) => {
      throw new GatewayError("upstream-connect-failed", 502, "connection failed", { cause });
    });
    const headers = new HeaderList([...response.headers].flat());
    return { status: response.status, headers, body: new Uint8Array(await response.arrayBuffer()) };
  }
}

export function providerOf(issuer: string, more: Partial<Provider> = {}): Provider {
  return {
    name: "corp",
    issuer,
    audiences: ["api://orders"],
    clientId: "client-1",
    clockSkewMs: 0,
    algorithms: [],
    claims: { groups: "groups", roles: "roles", name: "name", email: "email", tenant: "tid" },
    users: null,
    staleKeysMs: 24 * 60 * 60 * 1000,
    at: { file: "sallyport.yaml", line: 1, column: 1 },
    ...more,
  };
}
