/** @see OpenID Connect Core section 3.1.2.1, OpenID Connect Prompt Create section 4 */
export const prompts = ["none", "login", "consent", "select_account", "create"] as const;
export type Prompt = (typeof prompts)[number];

/** The supported values of `prompt`. @see OpenID Connect Prompt Create section 4.2 */
export function supportedPrompts({ signUp }: { readonly signUp: string }): Prompt[] {
  return prompts.filter((prompt) => prompt !== "create" || signUp === "open");
}
