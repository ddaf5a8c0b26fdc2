/** A list in pieces of so many; the last may be smaller. */
export function parts<T>(list: readonly T[], size: number): T[][] {
  const all: T[][] = [];
  for (let n = 0; n < list.length; n += size) all.push(list.slice(n, n + size));
  return all;
}
