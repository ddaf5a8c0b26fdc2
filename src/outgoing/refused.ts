/** Why a request to another server failed. */
export type OutgoingProblem =
  /** The URL is not one that this server may call. */
  | "url"
  /** The operator's list does not have the host. */
  | "host"
  /** The host is at an address that is not public. */
  | "address"
  | "unreachable"
  | "slow"
  | "large"
  | "redirect";

/** A request to another server that was not made or not answered. The message is for our log. */
export class OutgoingRefused extends Error {
  override readonly name = "OutgoingRefused";

  constructor(readonly problem: OutgoingProblem, message: string, options: ErrorOptions = {}) {
    super(message, options);
  }
}
