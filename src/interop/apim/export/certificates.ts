import { type Export, putInformation } from "./export.ts";

/** Certificates by where their vault has them. One that comes from elsewhere has a key, which never goes along. */
export function exportCertificates(context: Export): void {
  const { open, report } = context;
  for (const { name, vault } of open.certificates) {
    if (vault === null) {
      report.leave(`certificates.${name}`, "is to be put there with its key, under its name, or into a key vault");
      continue;
    }
    const { secretIdentifier, identityClientId } = vault;
    const keyVault = { secretIdentifier, ...(identityClientId === "" ? {} : { identityClientId }) };
    const path = `certificates/${name}/certificateInformation.json`;
    putInformation(context, path, { keyVault });
    report.map(`certificates.${name}`, path);
    report.change(
      `certificates.${name}`,
      "is read by the service's own identity there, which needs to be let into the vault",
    );
  }
}
