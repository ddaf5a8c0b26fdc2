/**
 * Whether two texts are equal, in a time that depends only on their lengths. The lengths of the values
 * compared here (digests, codes, tokens) are public.
 */
export function constantTimeEqual(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  // No early exit: the time must not reveal how many characters were right.
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
