/**
 * The three functions of the metadata proposal that `@peculiar/x509` expects to find on `Reflect` (through its
 * container, tsyringe), for its own classes only. Import before it.
 */
interface MetadataReflect {
  getMetadata?: (key: unknown, target: object) => unknown;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

const store = new WeakMap<object, Map<unknown, unknown>>();
const holder = Reflect as MetadataReflect;

holder.getOwnMetadata ??= ownMetadata;
holder.defineMetadata ??= (key, value, target) => {
  const known = store.get(target) ?? new Map<unknown, unknown>();
  store.set(target, known.set(key, value));
};
holder.getMetadata ??= (key, target) => {
  for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) {
    const found = ownMetadata(key, at);
    if (found !== undefined) return found;
  }
  return undefined;
};

function ownMetadata(key: unknown, target: object): unknown {
  return store.get(target)?.get(key);
}
