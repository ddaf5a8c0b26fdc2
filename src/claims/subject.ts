/**
 * What a client sees of a person. All clients see the same, random id, which is never given again.
 *
 * @see OpenID Connect Core section 8
 */
export function subjectOf(userId: string): string {
  return userId;
}
