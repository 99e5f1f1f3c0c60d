/** Routes share what is linked of what they share. */
export function onceEach<Settings extends object, Linked>(
  link: (settings: Settings) => Linked,
): (settings: Settings) => Linked {
  const known = new Map<Settings, Linked>();
  return (settings) => {
    let linked = known.get(settings);
    if (linked === undefined) known.set(settings, (linked = link(settings)));
    return linked;
  };
}
