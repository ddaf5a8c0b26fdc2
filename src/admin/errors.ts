/** What an administrator names does not exist. */
export class NotFound extends Error {
  override readonly name = "NotFound";

  /** @param what the kind of record, such as `user` */
  constructor(what: string) {
    super(`there is no such ${what}`);
  }
}

/** A change that the present state does not allow. The message says why, and what to do. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}
