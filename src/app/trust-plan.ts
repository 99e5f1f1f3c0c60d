import type { X509Certificate } from "node:crypto";

/** How a system is told to trust a root, or not to any more. */
export interface TrustPlan {
  /** File that the root is copied to, or that is removed; null: the command takes it from where it is. */
  readonly copy: string | null;
  readonly command: string;
  readonly args: readonly string[];
}

export interface TrustRequest {
  readonly platform: NodeJS.Platform;
  readonly exists: (path: string) => boolean;
  readonly rootFile: string;
  readonly root: X509Certificate;
  readonly uninstall: boolean;
}

/** Null on a system whose trust store nobody knows. */
export function planTrust(request: TrustRequest): TrustPlan | null {
  if (request.platform === "darwin") return planMac(request);
  if (request.platform === "win32") return planWindows(request);
  const name = `sallyport-${idOf(request.root)}.crt`;
  const [, folder, command, args, removal = []] = linux.find(([program]) => request.exists(program)) ?? [];
  if (folder === undefined || command === undefined || args === undefined) return null;
  return { copy: `${folder}/${name}`, command, args: request.uninstall ? [...args, ...removal] : args };
}

/** Its own name for each root, so that two gateways do not overwrite each other's. */
function idOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(":", "").slice(0, 16).toLowerCase();
}

type LinuxStore = readonly [
  program: string,
  folder: string,
  command: string,
  args: readonly string[],
  removal?: readonly string[],
];

/** Debian and Ubuntu; Fedora and Red Hat; Arch. */
const linux: readonly LinuxStore[] = [
  // Without --fresh it leaves its links to a file that is gone.
  ["/usr/sbin/update-ca-certificates", "/usr/local/share/ca-certificates", "update-ca-certificates", [], ["--fresh"]],
  ["/usr/bin/update-ca-trust", "/etc/pki/ca-trust/source/anchors", "update-ca-trust", ["extract"]],
  ["/usr/bin/trust", "/etc/ca-certificates/trust-source/anchors", "trust", ["extract-compat"]],
];

function planMac({ rootFile, root, uninstall }: TrustRequest): TrustPlan {
  const keychain = "/Library/Keychains/System.keychain";
  const args = uninstall
    ? ["delete-certificate", "-Z", root.fingerprint.replaceAll(":", ""), "-t", keychain]
    : ["add-trusted-cert", "-d", "-r", "trustRoot", "-k", keychain, rootFile];
  return { copy: null, command: "security", args };
}

function planWindows({ rootFile, root, uninstall }: TrustRequest): TrustPlan {
  const args = uninstall ? ["-delstore", "Root", root.serialNumber] : ["-addstore", "-f", "Root", rootFile];
  return { copy: null, command: "certutil", args };
}
