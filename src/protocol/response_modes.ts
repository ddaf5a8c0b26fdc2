/** How parameters travel. */
export const carriers = ["query", "fragment", "form_post"] as const;
/** All of `response_mode`; `jwt` is the usual carrier of the response type. @see JARM section 2.3 */
export const responseModes = [
  ...carriers,
  "query.jwt",
  "fragment.jwt",
  "form_post.jwt",
  "jwt",
] as const;
