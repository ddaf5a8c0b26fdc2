/** What an authorization request may ask for, the words of each in alphabetical order. */
export const responseTypes = [
  "code",
  "id_token",
  "id_token token",
  "code id_token",
  "code token",
  "code id_token token",
] as const;
