import type { Api } from "#model/definition.ts";

/** Folder of an API: a revision that is not in use is called after the one that is. */
export function folderOf(api: Api, apis: readonly Api[]): string {
  const { revision } = api;
  if (revision === null || revision.current) return api.name;
  return `${baseOf(api, apis)};rev=${revision.number}`;
}

/** The name that all revisions of an API have there. */
export function baseOf(api: Api, apis: readonly Api[]): string {
  const { revision, path, version } = api;
  if (revision === null || revision.current) return api.name;
  const current = apis.find((other) => {
    return other.revision?.current === true && other.path === path && other.version?.name === version?.name;
  });
  return current?.name ?? api.name;
}
