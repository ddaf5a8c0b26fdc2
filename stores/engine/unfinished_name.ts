/** The file name of a copy until it is complete. */
export function unfinishedName(to: string): string {
  return `${to}.unfinished`;
}
