/** How a value is shown in a message: whole, one member a line, members sorted. */
export function show(value: unknown): string {
  return Deno.inspect(value, {
    depth: Infinity,
    sorted: true,
    trailingComma: true,
    compact: false,
    iterableLimit: Infinity,
    strAbbreviateSize: Infinity,
  });
}

/** The lines of both values, those only in `actual` marked with `-`, those only in `expected` with `+`. */
export function difference(actual: unknown, expected: unknown): string {
  const [left, right] = [linesOf(actual), linesOf(expected)];
  const start = commonPrefix(left, right);
  const end = commonPrefix(left.slice(start).reverse(), right.slice(start).reverse());
  const lines = [
    ...unchanged(left.slice(0, start)),
    ...changed(left.slice(start, left.length - end), right.slice(start, right.length - end)),
    ...unchanged(left.slice(left.length - end)),
  ];
  return ["    [Diff] - actual / + expected", "", ...lines].join("\n");
}

function linesOf(value: unknown): string[] {
  // A text is compared by its own lines, not by those of its quoted form.
  return (typeof value === "string" && value.includes("\n") ? value : show(value)).split("\n");
}

function commonPrefix(left: string[], right: string[]): number {
  const length = Math.min(left.length, right.length);
  let at = 0;
  while (at < length && left[at] === right[at]) at++;
  return at;
}

function unchanged(lines: string[]): string[] {
  return lines.map((line) => `    ${line}`);
}

function changed(left: string[], right: string[]): string[] {
  const removed = left.map((line) => `-   ${line}`);
  const added = right.map((line) => `+   ${line}`);
  // The table is quadratic; past this size nobody reads it line by line anyway.
  if (left.length * right.length > 1_000_000) return [...removed, ...added];

  const common = longestCommon(left, right);
  const result: string[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    if (left[l] === right[r]) {
      result.push(`    ${left[l++]}`);
      r++;
    } else if (at(common, l + 1, r) >= at(common, l, r + 1)) {
      result.push(`-   ${left[l++]}`);
    } else {
      result.push(`+   ${right[r++]}`);
    }
  }
  return [...result, ...removed.slice(l), ...added.slice(r)];
}

/** For each pair of positions the length of the longest common subsequence from there on. */
function longestCommon(left: string[], right: string[]): Uint32Array[] {
  const table = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let l = left.length - 1; l >= 0; l--) {
    for (let r = right.length - 1; r >= 0; r--) {
      table[l]![r] = left[l] === right[r]
        ? at(table, l + 1, r + 1) + 1
        : Math.max(at(table, l + 1, r), at(table, l, r + 1));
    }
  }
  return table;
}

function at(table: Uint32Array[], row: number, column: number): number {
  return table[row]?.[column] ?? 0;
}
