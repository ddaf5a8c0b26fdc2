/** Whether a text can be the id of a record: 128 random bits in base64url. */
export function isRecordId(text: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(text);
}
