/**
 * The page that somebody meant who typed its path in capitals or with a slash at its end, as from the screen of a
 * television: `/Device/` is `/device`. Null: it is none.
 *
 * @param pages the paths of pages; only one of these is returned, so that a redirect to it stays on this server
 */
export function meantPath(typed: string, pages: ReadonlySet<string>): string | null {
  const parts = typed.toLowerCase().split("/").filter((part) => part !== "");
  const meant = `/${parts.join("/")}`;
  return meant !== typed && pages.has(meant) ? meant : null;
}
