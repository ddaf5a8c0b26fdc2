const answers = ["authorization", "id_token", "userinfo", "introspection"] as const;
type Answer = (typeof answers)[number];
type Member = `${Answer}_encrypted_response_${"alg" | "enc"}`;

/** What is wrong with how a client wants its answers encrypted. */
export function encryptionProblems(
  metadata: Readonly<Partial<Record<Member, string | undefined>>> & {
    readonly jwks?: unknown;
    readonly jwks_uri?: string | undefined;
  },
): { readonly path: Member; readonly problem: string }[] {
  const hasKeys = metadata.jwks !== undefined || metadata.jwks_uri !== undefined;
  return answers.flatMap((answer): { path: Member; problem: string }[] => {
    const alg: Member = `${answer}_encrypted_response_alg`;
    const enc: Member = `${answer}_encrypted_response_enc`;
    if (metadata[alg] === undefined) {
      return metadata[enc] === undefined ? [] : [{ path: enc, problem: `needs ${alg}` }];
    }
    return hasKeys ? [] : [{ path: alg, problem: "needs jwks or jwks_uri, with a key for it" }];
  });
}
