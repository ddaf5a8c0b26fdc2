/** A user with an account, or one who is about to create it. */
export interface Person {
  readonly username: string;
  /** The first password; it may have changed since. */
  readonly password: string;
  readonly claims: { readonly email: string; readonly email_verified: true };
}

const alice = aPerson("alice", "correct horse battery");
const bob = aPerson("bob", "battery staple horse");
/** The user with an authenticator app and recovery codes. */
export const cleo = aPerson("cleo", "horse battery staple");
/** The user with a passkey. */
export const dora = aPerson("dora", "staple correct horse");
/** The user who forgets passwords and changes mail addresses. */
export const erin = aPerson("erin", "horse staple correct");
/** The user who sets up an authenticator app. */
export const finn = aPerson("finn", "correct battery staple");

/** The user whom clients ask, and who never looks. */
export const gwen = aPerson("gwen", "staple horse correct");

export const people: readonly Person[] = [alice, bob, cleo, dora, erin, finn, gwen];

/** The users and how often each of them acts. */
export const visitors: readonly Person[] = [
  ...[alice, alice, alice, alice, alice, bob, cleo, cleo],
  ...[dora, dora, erin, erin, finn],
];

export function aPerson(username: string, password: string): Person {
  return { username, password, claims: { email: `${username}@example.com`, email_verified: true } };
}

/** The key in Cleo's app, in base32, and what she has on paper. */
export const appKey = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
export const recoveryCodes: readonly string[] = Array.from(
  { length: 10 },
  (_, n) => `00000-00000-0000${n}`,
);
