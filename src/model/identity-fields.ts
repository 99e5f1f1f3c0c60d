const prefixes: readonly string[] = ["x-auth-request-", "x-sallyport-"];
const names: ReadonlySet<string> = new Set([
  "x-forwarded-user",
  "x-forwarded-email",
  "x-forwarded-groups",
  "x-forwarded-preferred-username",
  "x-forwarded-access-token",
  // Who says whose certificate it was: us, and not the client.
  "x-forwarded-client-cert",
]);

/**
 * Whether an upstream could take the field for this gateway's word on who calls: such a field is ours alone. Many
 * servers read `_` and `.` in a name as `-` (CGI, WSGI, PHP), so those spellings are spoofs as well.
 */
export function isIdentityField(name: string): boolean {
  const first = name.charCodeAt(0) | 0x20;
  if (first !== 0x78 || name.length < 12) return false;
  const plain = plainFieldName(name);
  return names.has(plain) || prefixes.some((prefix) => plain.startsWith(prefix));
}

/** What all spellings of a field's name have in common that some server reads as one: lower case, `-` for `_` and `.`. */
export function plainFieldName(name: string): string {
  return name.toLowerCase().replaceAll(/[_.]/g, "-");
}

/** Every field that this gateway may tell an upstream about who calls. */
export const identityFieldNames: readonly string[] = [
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Groups",
  "X-Auth-Request-Preferred-Username",
  "X-Sallyport-Subscription",
  "X-Sallyport-Assertion",
];
