/** A cluster of Service Fabric, which is asked where its services are. */
export interface FabricCluster {
  /** As policies call it, in the place of a backend. */
  readonly name: string;
  /** Of its management, without a slash at their end; one after the other is asked. */
  readonly endpoints: readonly string[];
  /** Where a policy names no service: `fabric:/application/service`; null: each has to. */
  readonly service: string | null;
  /** Name of the certificate that it is shown; null: none. */
  readonly certificate: string | null;
  /** PEM of authorities that its certificate may come from besides; null: those of the machine alone. */
  readonly ca: string | null;
  /** How often it is asked again when it gives no answer. */
  readonly retries: number;
}

/** Each part is one segment, so that no name leads to another place of the management API. */
const form = /^fabric:\/(?!System(?:\/|$))[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*){1,15}$/i;

/** A service by its name; those of the cluster itself are none. */
export function isFabricService(text: string): boolean {
  return text.length <= 512 && form.test(text);
}
