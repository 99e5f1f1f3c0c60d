import type { FileRoom } from "#content/file-room.ts";
import { PlaceSearch } from "#content/find-place.ts";
import type { Ending } from "#model/definition.ts";

/** Looks into the folders of endings. @returns by index of the ending; null for one that has no files */
export function linkFileSearch(
  endings: readonly Ending[],
  room: FileRoom,
): (ending: number) => ((path: string) => Promise<string | null>) | null {
  return (index) => {
    const handler = endings[index]?.handler;
    if (handler?.kind !== "files") return null;
    const search = new PlaceSearch(handler, room);
    return (path) => search.find(path);
  };
}
