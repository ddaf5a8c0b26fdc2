/**
 * Writes `src/identifiers/confusables.ts` from Unicode's own list of look-alikes:
 *
 *     deno run --allow-read tools/confusables.ts confusables.txt > src/identifiers/confusables.ts
 *
 * The list is at https://www.unicode.org/Public/security/latest/confusables.txt. After an update the
 * keys of usernames change, so it needs a migration that writes `users_by_name` anew.
 *
 * @see UTS 39 section 4 (Confusable Detection), and its data file format
 */
const [path] = Deno.args;
if (path === undefined) {
  console.error("usage: tools/confusables.ts confusables.txt");
  Deno.exit(2);
}
const text = await Deno.readTextFile(path);
const version = /^# Version: (\d+\.\d+\.\d+)/m.exec(text)?.[1] ?? "unknown";

/** From a prototype, as code points in base 36, to the characters that look like it. */
const groups = new Map<string, string[]>();
for (const line of text.split("\n")) {
  const [, source, target] = /^([0-9A-F]+)\s*;\s*([0-9A-F ]+?)\s*;\s*MA\b/.exec(line) ?? [];
  if (source === undefined || target === undefined) continue;
  const prototype = target.split(" ").map(base36).join(".");
  groups.set(prototype, [...groups.get(prototype) ?? [], base36(source)]);
}

function base36(hexadecimal: string): string {
  return parseInt(hexadecimal, 16).toString(36);
}

const words = [...groups].map(([prototype, sources]) => `${prototype}=${sources.join(",")}`);
const lines: string[] = [];
for (const word of words) {
  const last = lines.at(-1);
  if (last !== undefined && last.length + word.length < 99) lines.push(`${lines.pop()} ${word}`);
  else lines.push(word);
}
console.log(`/**
 * The characters that look like others, of Unicode ${version} (confusables.txt). Made by
 * tools/confusables.ts: a prototype, \`=\`, and what looks like it; code points in base 36.
 *
 * Copyright (c) 1991-2026 Unicode, Inc. Under the Unicode License V3:
 * https://www.unicode.org/license.txt
 */
export const confusables: string = \`
${lines.join("\n")}
\`;`);
