import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { getCACertificates } from "node:tls";
import { behindFindings } from "#app/doctor/behind-findings.ts";
import { frontFindings } from "#app/doctor/front-findings.ts";
import { outsideFindings } from "#app/doctor/outside-findings.ts";
import { AdminFailure, type AdminOptions } from "#cli/admin/connection.ts";
import { type Address, ownListener } from "#cli/verify/address.ts";
import { runningFinding } from "#cli/verify/running.ts";
import type { Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";
import { keyFindings } from "./key-findings.ts";
import { secretFindings } from "./secret-findings.ts";

export interface DoctorQuestion extends AdminOptions {
  /** What stands in front; absent: nothing that is tried. */
  readonly front?: Address;
  readonly ca?: string;
  readonly keyDays: number;
}

/** Everything that is looked at, the gateway first. */
export async function doctorFindings(
  options: DoctorQuestion,
  deployed: { readonly definition: Definition; readonly whole: boolean },
): Promise<readonly Finding[]> {
  const ca = trustedCas(options);
  const outside = outsideFindings(deployed.definition, resolve(options.data), ca);
  return [...(await gatewayFindings(options, deployed, ca)), ...(await outside)];
}

/** What takes a running gateway. */
async function gatewayFindings(
  options: DoctorQuestion,
  deployed: { readonly definition: Definition; readonly whole: boolean },
  ca: readonly string[],
): Promise<readonly Finding[]> {
  const { definition } = deployed;
  const clock = { now: () => Date.now(), mono: () => performance.now() };
  const folder = join(resolve(options.data), "audit");
  const common = { definition, clock, recordFolder: existsSync(folder) ? folder : null };
  const front =
    options.front === undefined
      ? []
      : await frontFindings({ ...common, gateway: { connect: options.front, ca }, way: "through the front" });
  try {
    const { finding, listener } = await runningFinding(options, deployed);
    const connect = listener ?? ownListener(definition);
    const direct =
      connect === null || definition.edge.proxySecret !== null
        ? []
        : await frontFindings({ ...common, gateway: { connect, ca }, way: "to the gateway" });
    const gateway = { connect: options.front ?? connect, ca };
    const behind =
      gateway.connect === null
        ? []
        : await behindFindings({ definition, env: process.env, gateway, recordFolder: common.recordFolder });
    const old = [...(await keyFindings(options, options.keyDays)), ...(await secretFindings(options))];
    return [finding, ...direct, ...front, ...behind, ...old];
  } catch (error) {
    if (!(error instanceof AdminFailure)) throw error;
    const [detail = "", fix = ""] = error.message.split("\n  fix: ");
    return [{ group: "gateway", name: "answers", state: "failed", code: "doctor-admin", detail, fix, ms: 0 }, ...front];
  }
}

function trustedCas({ ca, data }: DoctorQuestion): readonly string[] {
  const own = join(resolve(data), "ca", "root.crt");
  const files = [...(ca === undefined ? [] : [ca]), ...(existsSync(own) ? [own] : [])];
  return [...getCACertificates("default"), ...files.map((file) => readFileSync(file, "utf8"))];
}
