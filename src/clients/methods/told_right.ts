const toldRight = new WeakMap<{ readonly clientId: string }, () => void>();

/**
 * Tells at once when these credentials are found to be of the client's secret, whatever becomes of the
 * request.
 */
export function whenRight(credentials: { readonly clientId: string }, tell: () => void) {
  toldRight.set(credentials, tell);
}

export function tellRight(credentials: { readonly clientId: string }) {
  toldRight.get(credentials)?.();
}
