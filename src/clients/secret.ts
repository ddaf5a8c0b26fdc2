/**
 * What is wrong with a client secret that somebody has chosen, or null. One that the server made is random;
 * a chosen one must at least not be among the first that a program guesses: it is kept as a fast digest,
 * and whoever reads a backup can try a billion of them a second.
 *
 * @see RFC 6749 section 10.10
 */
export function secretProblem(secret: string): string | null {
  if (secret.length < 16) return "must have at least 16 characters";
  if (secret.length > 256) return "must have at most 256 characters";
  const rest = withoutCommonParts(secret.toLowerCase());
  if (new Set(rest).size < leastDifferent || turns(rest) < leastTurns) return guessable;
  return null;
}

const leastDifferent = 8;
const leastTurns = 6;
const guessable =
  "is easy to guess: leave it out, and a random one is made, or use 32 random characters";

/** Places where a text does not go on as before: the same character again, or the next of a row. */
function turns(text: string): number {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  return steps.filter((step) => Math.abs(step) > 1).length;
}

/** Words and rows of keys that guesses are put together of; the longest first. */
const commonParts = [
  "client_secret",
  "administrator",
  "clientsecret",
  "1234567890",
  "0987654321",
  "qwertyuiop",
  "qwertzuiop",
  "123456789",
  "asdfghjkl",
  "1q2w3e4r",
  "changeit",
  "changeme",
  "iloveyou",
  "passw0rd",
  "password",
  "passwort",
  "latchkey",
  "12345678",
  "letmein",
  "welcome",
  "zxcvbnm",
  "yxcvbnm",
];

function withoutCommonParts(text: string): string {
  return commonParts.reduce((rest, part) => rest.replaceAll(part, ""), text);
}
