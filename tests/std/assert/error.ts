/** What a failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** Throws an {@linkcode AssertionError}: what was found, and what the test says about it. */
export function refuse(finding: string, msg?: string): never {
  throw new AssertionError(msg ? `${finding}: ${msg}` : finding);
}
