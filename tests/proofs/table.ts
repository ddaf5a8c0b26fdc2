/** A Markdown table; the first column is text, the others are aligned to the right if they say so. */
export function markdownTable(
  columns: readonly (string | { readonly right: string })[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const names = columns.map((column) => typeof column === "string" ? column : column.right);
  const rules = columns.map((column) => typeof column === "string" ? "---" : "--:");
  const cells = rows.map((row) => row.map(String));
  return [names, rules, ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** A number as people write it: `1,000,000`. */
export function grouped(number: number): string {
  return number.toLocaleString("en");
}
