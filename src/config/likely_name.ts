/** The candidate that `text` is probably a typo of: the one with the fewest edits. */
export function likelyName(text: string, candidates: readonly string[]): string | undefined {
  const byDistance = candidates.map((candidate) => ({
    candidate,
    distance: distance(text, candidate),
  }));
  return byDistance.sort((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** Insertions, deletions and replacements from one text to the other (Levenshtein). */
function distance(a: string, b: string): number {
  // `row[j]` is the distance from the part of `a` read so far to the first `j` characters of `b`.
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (character === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
