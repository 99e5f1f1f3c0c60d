/**
 * `issuer|tenant|subject`. The issuer stands in the definition; a bar inside the tenant is encoded, so that no tenant
 * and subject can be cut differently into another principal's id. Bars in the subject come last and are harmless.
 */
export function principalId(issuer: string, tenant: string, subject: string): string {
  return `${issuer}|${tenant.includes("|") || tenant.includes("%") ? encodeURIComponent(tenant) : tenant}|${subject}`;
}
