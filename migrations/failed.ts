/**
 * A migration threw; `cause` is its error. What it committed stays, and the next run continues from
 * there.
 */
export class MigrationFailed extends Error {
  override readonly name = "MigrationFailed";
}
