import type { Import } from "./import.ts";

/** What nothing was made of, by name: nothing is left out silently. */
export function reportLeftovers({ artifacts, settled, report, environments }: Import): void {
  for (const [path, text] of artifacts.texts) {
    if (settled.has(path)) continue;
    // A policy that does not run, or APIs that are missing, change what requests get.
    if (path.endsWith("policy.xml") || path.startsWith("workspaces/")) report.refuse(path, "is not carried over");
    else report.note(path, text.trim() === "" ? "is empty" : "is not carried over");
  }
  for (const [path, reason] of artifacts.unread) report.note(path, `${reason}: not carried over`);
  for (const environment of environments.names) reportOverrides(environment);

  function reportOverrides(environment: string): void {
    const from = `configuration.${environment}.yaml`;
    for (const kind of environments.kinds(environment)) {
      const overrides = environments.overrides(environment, kind);
      const known = {
        namedValues: ["value", "secret", "keyVault", "displayName", "tags"],
        backends: ["url"],
        apis: ["serviceUrl"],
      };
      const taken = Object.hasOwn(known, kind) ? known[kind as keyof typeof known] : [];
      for (const { name, properties } of overrides) {
        const rest = Object.keys(properties).filter((property) => !taken.includes(property));
        if (taken.length === 0 || rest.length > 0)
          report.note(from, `${kind} ${name}: ${rest.join(", ") || "all"} not carried over`);
      }
      if (overrides.length === 0) report.note(from, `${kind} is not carried over`);
    }
  }
}
