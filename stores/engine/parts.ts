/** Splits a list into parts of the given size; the last may be smaller. */
export function parts<T>(list: readonly T[], size: number): T[][] {
  const all: T[][] = [];
  for (let n = 0; n < list.length; n += size) all.push(list.slice(n, n + size));
  return all;
}
