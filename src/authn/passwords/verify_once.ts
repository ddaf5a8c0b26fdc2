import type { Deps } from "../../deps/deps.ts";

/**
 * Verifies the password against a hash once, however often the step runs. A null hash takes as long.
 *
 * @param known whether somebody has signed in to the account with this browser before
 */
export function verifyOnce(
  deps: Pick<Deps, "passwordHasher">,
  password: string,
  known: boolean,
): (hash: string | null) => Promise<boolean> {
  const verified = new Map<string | null, Promise<boolean>>();
  return (hash) => {
    const answer = verified.get(hash) ??
      (hash === null
        ? deps.passwordHasher.verifyDecoy(password, known)
        : deps.passwordHasher.verify(password, hash, known));
    verified.set(hash, answer);
    return answer;
  };
}

/** Makes the hash of a password once, however often the step runs, and only if the step needs it. */
export function hashOnce(
  deps: Pick<Deps, "passwordHasher">,
  password: string,
): () => Promise<string> {
  let hash: Promise<string> | null = null;
  return () => hash ??= deps.passwordHasher.hash(password);
}
