/** Four bytes of a dotted IPv4 address, which it must be. */
export function bytesOf4(address: string): Uint8Array {
  return Uint8Array.from(address.split("."), Number);
}

/** Sixteen bytes of an IPv6 address without zone, which it must be. */
export function bytesOf6(address: string): Uint8Array {
  const [left = "", right] = address.split("::");
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const gap = Array.from<number>({ length: 16 - head.length - tail.length }).fill(0);
  return Uint8Array.from([...head, ...gap, ...tail]);
}

function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return [...bytesOf4(group)];
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
