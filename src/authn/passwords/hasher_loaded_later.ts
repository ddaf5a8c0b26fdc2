import type { RandomSource } from "../../crypto/random.ts";
import { later } from "../../deps/later.ts";
import type { PasswordHasher } from "../../deps/password_hasher.ts";

/** The password hasher of a server, whose code is loaded when the first password comes. */
export function passwordHasherLoadedLater(
  random: RandomSource,
): PasswordHasher & { close(): void } {
  const hasher = later(async () => {
    const { passwordHasher } = await import("./hasher.ts");
    return passwordHasher(random);
  });
  return {
    hash: (password) => hasher.use((one) => one.hash(password)),
    verify: (password, encoded, known) => hasher.use((one) => one.verify(password, encoded, known)),
    verifyDecoy: (password, known) => hasher.use((one) => one.verifyDecoy(password, known)),
    // Only a hash that was verified is asked about, and by then it is loaded.
    needsRehash: (encoded) => hasher.peek()?.needsRehash(encoded) ?? false,
    close: () => void hasher.begun()?.then((one) => one.close(), () => {}),
  };
}
