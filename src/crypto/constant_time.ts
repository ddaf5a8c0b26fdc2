/**
 * Whether two texts are equal, in a time that depends on their lengths alone. The length of what is
 * compared here (digests, codes, tokens) is public.
 */
export function constantTimeEqual(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  // No early exit: how long a comparison takes must not tell how many characters were right.
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
