/** The languages of pages and mails. Discovery names them, without loading their texts. */
export const supportedLanguages = ["en", "de"] as const;
