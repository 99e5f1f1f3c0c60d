/** One setting that an environment may have of its own. */
interface Differing {
  readonly name: string;
  /** Its entries come to those that are there; else it stands instead of what is there. */
  readonly isMerged?: true;
  /** Keys that may stand nowhere in it. */
  readonly without?: readonly string[];
  /** What it stands instead of, beside itself. */
  readonly instead?: readonly string[];
}

export type OverlayKind = "hosts" | "backends" | "edge";

const address = (name: string): Differing => ({
  name,
  instead: ["url", "urls", "targets", "discover"].filter((other) => other !== name),
});

/**
 * THE table of what an environment may have of its own, beside its values. Whatever is not here is the same in all of
 * them: above all policies and who may call.
 */
export const mayDiffer: Readonly<Record<OverlayKind, readonly Differing[]>> = {
  /** By API. */
  hosts: [{ name: "hosts" }],
  /** By backend: where it is, and by what the two prove themselves. */
  backends: [
    address("url"),
    address("urls"),
    address("targets"),
    address("discover"),
    { name: "ca" },
    { name: "tls", isMerged: true },
    { name: "headers", isMerged: true },
    { name: "query", isMerged: true },
    { name: "authorization" },
  ],
  // A listener may say what its clients have to show: that is who may call.
  edge: [
    { name: "listen", isMerged: true, without: ["clientCertificates", "proxyProtocol"] },
    { name: "certificates" },
    { name: "email" },
  ],
};

export function differing(kind: OverlayKind, name: string): Differing | undefined {
  return mayDiffer[kind].find((one) => one.name === name);
}
