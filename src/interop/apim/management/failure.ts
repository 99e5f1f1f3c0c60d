/** Why the management API could not be asked. Holds no token, and nothing that was answered. */
export class ManagementFailure extends Error {
  readonly code: "management-url" | "management-refused" | "management-unreachable" | "management-answer";
  readonly fix: string;

  constructor(code: ManagementFailure["code"], message: string, fix: string) {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}
