import { normalize } from "node:path";
import type { Backend } from "#model/definition.ts";
import type { SecretMaker, SecretRotation, SecretTrial } from "#model/secret-rotation.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { Located } from "#config/shapes/shape.ts";
import type { MakerInput, SecretRotationInput, TrialInput } from "#config/table/secret-rotation.ts";
import { buildRotation } from "./rotation.ts";

/** Secrets that are changed by a schedule. What could not be had has been reported. */
export function buildSecretRotations(
  rotations: readonly Named<SecretRotationInput>[],
  backends: readonly Backend[],
  { secrets }: Resources,
  problems: Problems,
): readonly SecretRotation[] {
  const makers = new Map<string, string>();
  return rotations.flatMap(({ name, at, value }) => {
    const { secret: source } = value;
    const found = source && secrets.get(source);
    const { rotation } = buildRotation(value.rotation, problems);
    const by = value.by === undefined ? null : makerOf(value.by, problems);
    const trial = value.trial === undefined ? null : trialOf(value.trial, backends, problems);
    const file = source?.kind === "file" ? source.name : null;
    if (value.by !== undefined && file === null) {
      const fix = "write secret: { file: path }, and name that file where the secret is used";
      problems.error("value-invalid", value.by.at, `only a secret in a file is replaced: ${name} has none`, fix);
    }
    if (value.by !== undefined && file !== null) {
      const other = makers.get(normalize(file));
      const fix = "give each secret one schedule";
      // The one would take the other's new secret for a change by hand, and drop what is in use.
      if (other !== undefined) problems.error("value-invalid", value.by.at, `${other} replaces ${file} already`, fix);
      makers.set(normalize(file), name);
    }
    if (value.by !== undefined && value.trial === undefined) {
      const fix = "write trial: { url: https://host/path, header: X-Api-Key }";
      problems.error("value-invalid", value.by.at, `a new secret of ${name} would be used untried`, fix);
    }
    if (found === undefined || rotation === undefined) return [];
    const current = { secret: true, origin: found.origin, value: found.reveal() } as const;
    return [{ name, current, file, rotation, by, trial, mailTo: value.mailTo, at }];
  });
}

function makerOf(
  { at, value: { command, apiManagement } }: Located<MakerInput>,
  problems: Problems,
): SecretMaker | null {
  if ((command.length === 0) === (apiManagement === undefined)) {
    problems.error("value-invalid", at, "a new secret comes from one place", "write command or apiManagement");
    return null;
  }
  if (apiManagement === undefined) return { kind: "command", command };
  const { endpoint, azureSubscription = "", resourceGroup = "", service = "", subscription = "" } = apiManagement;
  const place = { endpoint, azureSubscription, resourceGroup, service, subscription };
  return { kind: "api-management", ...place, clientId: apiManagement.clientId ?? "" };
}

function trialOf(
  { at, value }: Located<TrialInput>,
  backends: readonly Backend[],
  problems: Problems,
): SecretTrial | null {
  const { url = "", method, header, scheme, query, expect, timeout: timeoutMs } = value;
  if ((header === undefined) === (query === undefined)) {
    problems.error("value-invalid", at, "the trial does not say where the secret stands", "write header or query");
    return null;
  }
  const prefix = scheme === undefined ? "" : `${scheme} `;
  const place =
    header === undefined
      ? ({ kind: "query", name: query ?? "" } as const)
      : ({ kind: "header", name: header, prefix } as const);
  const { backend } = value;
  if (backend !== undefined && !backends.some(({ name }) => name === backend.value)) {
    problems.error("reference-unknown", backend.at, `there is no backend ${backend.value}`, "name one of backends");
  }
  return { method, url, place, expect, timeoutMs, ...(backend !== undefined && { backend: backend.value }) };
}
