import type { ClientCertificateSettings, EdgeSettings } from "#model/definition.ts";
import { placeText } from "#model/listen-place.ts";
import { type ClientTrust, createClientTrust } from "./client-trust.ts";

/** What one listener asks its clients for: its own setting, or the one of all that have none. */
export class ListenerTrust {
  readonly #place: string;
  #isOwn = false;
  /** Null: clients are not asked. */
  settings: ClientCertificateSettings | null = null;
  /** Null: no client certificate is believed. The same object as long as the same authorities are: connections are bound to it. */
  trust: ClientTrust | null = null;

  /** @param place as `placeText` writes it */
  constructor(place: string) {
    this.#place = place;
  }

  /** @returns whether other authorities are trusted than before */
  renew(edge: EdgeSettings, internalRoots: string): boolean {
    this.settings = this.#settingsIn(edge);
    const next = createClientTrust(this.settings, internalRoots);
    if (next?.id === this.trust?.id) return false;
    this.trust = next;
    return true;
  }

  #settingsIn({ https, listenerCertificates, clientCertificates }: EdgeSettings): ClientCertificateSettings | null {
    const own = listenerCertificates.find(({ place }) => place === this.#place);
    // Taken out of the definition it listens until the next start, and goes on asking what it asked.
    const isLeft = this.#isOwn && !https.some((place) => placeText(place) === this.#place);
    if (own === undefined && isLeft) return this.settings;
    this.#isOwn = own !== undefined;
    return own === undefined ? clientCertificates : own.settings;
  }
}
