/** `PT90S`: whole seconds, at least one. @see ISO 8601-1:2019 §5.5.2.2 */
export function isoDuration(milliseconds: number): string {
  return `PT${Math.max(1, Math.round(milliseconds / 1000))}S`;
}
