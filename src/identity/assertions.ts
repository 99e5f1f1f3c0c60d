import { Buffer } from "node:buffer";
import { createPrivateKey, type KeyObject } from "node:crypto";
import { jwsHeader, signJws } from "#lib/sign-jws.ts";
import type { AssertionKey } from "#model/assertion.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import { assertionClaims } from "./assertion-claims.ts";
import { TwoGenerations } from "#lib/two-generations.ts";

/** What was signed is used again for so long: it has four minutes left then. */
const reuseMs = 60_000;
/** Of one principal; more are signed for each request. */
const maxAudiences = 16;
/** Of all of a worker. */
const bounds = { entries: 20_000, bytes: 16 * 1024 * 1024 } as const;
const bytesPerEntry = 200;

interface Signed {
  readonly audience: string;
  readonly text: string;
  readonly until: number;
}

export interface AssertionPorts {
  readonly clock: Pick<Clock, "now">;
  readonly newId: () => string;
}

interface Signer {
  readonly header: string;
  readonly issuer: string;
  readonly key: KeyObject;
}

/**
 * Assertions of who calls, signed by this worker. One principal is one object for all requests of its token, session or
 * connection: by that its assertions are remembered.
 */
export class Assertions {
  readonly #ports: AssertionPorts;
  readonly #signed = new TwoGenerations<readonly Signed[], Principal>(bounds.entries, bounds.bytes);
  #signer: Signer | null = null;

  constructor(ports: AssertionPorts, key: AssertionKey | null) {
    this.#ports = ports;
    this.use(key);
  }

  /** Signs with this key from now on; what another one has signed is not used again. */
  use(key: AssertionKey | null): void {
    this.#signed.clear();
    this.#signer = key === null ? null : signerOf(key);
  }

  /** @throws GatewayError `internal` when there is no key: nothing goes unsigned to who expects it signed */
  for(principal: Principal, audience: string): string {
    const now = this.#ports.clock.now();
    const known = this.#signed.get(principal);
    if (known !== undefined) {
      for (const one of known) if (one.audience === audience && now < one.until) return one.text;
    }
    return this.#sign(principal, audience, now, known ?? []);
  }

  #sign(principal: Principal, audience: string, now: number, known: readonly Signed[]): string {
    const signer = this.#signer;
    if (signer === null) throw new GatewayError("internal", 500, "there is no key to sign assertions with");
    const facts = { issuer: signer.issuer, audience, id: this.#ports.newId(), now };
    const payload = JSON.stringify(assertionClaims(principal, facts));
    const text = signJws(signer.header, payload, "ES256", signer.key);
    const others = known.filter((one) => one.audience !== audience && now < one.until);
    const kept = [{ audience, text, until: now + reuseMs }, ...others].slice(0, maxAudiences);
    const bytes = kept.reduce((sum, one) => sum + one.text.length + bytesPerEntry, 0);
    this.#signed.set(principal, kept, bytes);
    return text;
  }
}

function signerOf({ id, pkcs8, issuer }: AssertionKey): Signer {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  return { header: jwsHeader({ alg: "ES256", typ: "JWT", kid: id }), issuer, key };
}
