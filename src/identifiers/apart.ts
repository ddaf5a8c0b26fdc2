/** V8 copies a shorter part of a text. */
const shortestPart = 13;

/**
 * The same text, apart from the one that it was cut from. V8 makes no copy of a part of a text: a short value
 * that is stored, and remembered, would keep a whole header or body in memory.
 */
export function apart(text: string): string {
  return text.length < shortestPart ? text : ` ${text}`.slice(1);
}

/** The parts of a text that spaces separate, apart from it. */
export function wordsApart(text: string): string[] {
  return text.split(" ").filter((word) => word !== "").map(apart);
}
