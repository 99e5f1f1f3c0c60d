import { GatewayError } from "./errors.ts";

/**
 * Leave to forward one exchange. Holds a private field, so no other object passes {@link PermitAuthority.check},
 * whatever it is cast to; and it is bound to its exchange, so a permit of one request is worth nothing to another.
 */
export interface Permit {
  readonly brand: "Permit";
}

export interface PermitAuthority {
  /** Only the pipeline holds this, and calls it after identity, access and the inbound section let the request through. */
  readonly mint: (exchange: object, principal: object) => Permit;
  /** @throws GatewayError `permit-forged` for anything not minted here, `permit-mismatch` for another exchange or principal. */
  readonly check: (permit: Permit, exchange: object, principal: object) => void;
}

/** Called once per worker by the composition root: `mint` goes to the pipeline, `check` to upstream. */
export function createPermitAuthority(): PermitAuthority {
  class MintedPermit implements Permit {
    readonly brand = "Permit";
    readonly #exchange: object;
    readonly #principal: object;

    constructor(exchange: object, principal: object) {
      this.#exchange = exchange;
      this.#principal = principal;
    }

    static check(permit: Permit, exchange: object, principal: object): void {
      if (typeof permit !== "object" || permit === null || !(#exchange in permit)) {
        throw new GatewayError("permit-forged", 500, "forwarding without a permit of this worker");
      }
      if (permit.#exchange !== exchange || permit.#principal !== principal) {
        throw new GatewayError("permit-mismatch", 500, "permit is bound to another exchange or principal");
      }
    }
  }
  // Whoever holds a permit must not be able to make another one.
  Object.defineProperty(MintedPermit.prototype, "constructor", { value: undefined });
  return { mint: (exchange, principal) => new MintedPermit(exchange, principal), check: MintedPermit.check };
}
