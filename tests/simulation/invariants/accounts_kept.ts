import type { User } from "../../../stores/users.ts";
import { plainPassword, userOf } from "../persons_now.ts";
import { digestOf } from "../tokens.ts";
import type { World } from "../world.ts";

/** Every acknowledged fact of an account holds: that it exists, its sign-in methods and its mail address. */
export function* accountsKept(world: World): Generator<string> {
  const { eventLog, history } = world;
  for (const { person, address, credentialId } of eventLog.accounts) {
    const found = userOf(world, person);
    if (found === null) yield `an account was lost: ${person.username}`;
    else if (found.user.claims.email !== address) {
      yield "an account has another address";
    } else if (credentialId === null && plainPassword(found.user) !== person.password) {
      yield `an account has another password: ${person.username}`;
    }
  }
  const made = eventLog.accounts.flatMap(({ person, credentialId }) =>
    credentialId === null ? [] : [{ person, credentialId }]
  );
  for (const { person, credentialId } of [...made, ...eventLog.passkeys]) {
    const passkeyId = digestOf(credentialId);
    const isTheirs = userOf(world, person)?.user.passkeys.includes(passkeyId);
    if (!isTheirs || history.find("passkeys", passkeyId) === undefined) {
      yield `a passkey was lost: ${passkeyId}`;
    }
  }
  for (const person of eventLog.apps) {
    if ((userOf(world, person)?.user.totp ?? null) === null) {
      yield `an authenticator app was lost: ${person.username}`;
    }
  }
  yield* lostReplacements(world);
}

/** The stored value is the last acknowledged one, or a later one whose answer was lost. */
function* lostReplacements({ eventLog, history }: World): Generator<string> {
  for (const { what, userId, value, sent, answered } of eventLog.replacements) {
    const user = history.find<User>("users", userId);
    if (answered === null || user === undefined) continue;
    const now = what === "address" ? String(user.claims.email) : plainPassword(user);
    const isReplaced = eventLog.replacements.some((other) =>
      other.what === what && other.userId === userId && other.value === now &&
      (other.answered === null || other.answered > sent)
    );
    if (now !== value && !isReplaced) yield `the new ${what} of ${userId} was lost`;
  }
}
