import type { Secret } from "./secret.ts";

/** A provider that keeps its users and groups here by SCIM 2.0. Main alone knows it. */
export interface ScimProvider {
  /** Of the definition. */
  readonly provider: string;
  /** What it shows. */
  readonly token: Secret;
  /** Which attribute of a SCIM user is the subject of the same person's tokens. */
  readonly subject: "externalId" | "userName";
}
