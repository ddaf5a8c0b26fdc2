import type { Deps } from "../../deps/deps.ts";

/** Checks the password against a hash once, however often the step runs. Null takes as long. */
export function verifyOnce(
  deps: Pick<Deps, "passwordHasher">,
  password: string,
): (hash: string | null) => Promise<boolean> {
  const verified = new Map<string | null, Promise<boolean>>();
  return (hash) => {
    const known = verified.get(hash) ??
      (hash === null
        ? deps.passwordHasher.verifyDecoy(password)
        : deps.passwordHasher.verify(password, hash));
    verified.set(hash, known);
    return known;
  };
}

/** Makes the hash of a password once, however often the step runs, and only if it comes to that. */
export function hashOnce(
  deps: Pick<Deps, "passwordHasher">,
  password: string,
): () => Promise<string> {
  let hash: Promise<string> | null = null;
  return () => hash ??= deps.passwordHasher.hash(password);
}
