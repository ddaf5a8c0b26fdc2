/** One transparent pixel. */
export const pngBase64 =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
export const pngBytes: Uint8Array<ArrayBuffer> = Uint8Array.from(
  atob(pngBase64),
  (character) => character.charCodeAt(0),
);
