import type { HeaderList } from "#model/header-list.ts";

/**
 * Whether a client asks for a media type by name: wildcards ask for nothing in particular.
 * @see RFC 9110 §12.5.1
 */
export function wantsType(headers: HeaderList, isWanted: (mediaType: string) => boolean): boolean {
  const accept = headers.joined("accept");
  if (accept === undefined) return false;
  return accept.split(",").some((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    return isWanted(type) && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
