export interface Issued {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

export function keysShownOnce({ primaryKey, secondaryKey }: Issued): string {
  return `primary key:   ${primaryKey}\nsecondary key: ${secondaryKey}\nkeep them now: they are stored nowhere and not shown again\n`;
}
