import type { MarkedSecret } from "./marked-secret.ts";

/** What policies send messages through, besides loggers. */
export interface Messaging {
  /** Dapr's sidecar, without a slash at its end; null: none is declared, and no policy may use one. */
  readonly daprUrl: string | null;
  /** Those that are declared; others are reached by their host, as the gateway's own identity. */
  readonly serviceBus: readonly ServiceBusNamespace[];
}

export interface ServiceBusNamespace {
  /** As policies call it; the host of `url` means it too. */
  readonly name: string;
  /** Without a slash at its end. */
  readonly url: string;
  /** Of a shared access policy; null: the gateway's own identity. */
  readonly key: SharedAccessKey | null;
}

export interface SharedAccessKey extends MarkedSecret {
  readonly name: string;
}
