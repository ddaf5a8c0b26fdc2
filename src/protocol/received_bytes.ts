/** Bytes at first; it doubles when it is full. */
const firstRoom = 1024;

/** Bytes that arrive in parts whose lengths the sender chooses. */
export interface ReceivedBytes {
  /** @returns false if there are too many bytes by now: the part is not kept */
  add(part: Uint8Array): boolean;
  /** A copy of all that was added. */
  all(): Uint8Array<ArrayBuffer>;
}

/**
 * Collects what arrives. Each part is copied: an object for each part of one byte would take a hundred
 * times as much memory, and such a part may keep a whole buffer.
 *
 * @param most the largest number of bytes
 */
export function receivedBytes(most: number): ReceivedBytes {
  let bytes = new Uint8Array(Math.min(firstRoom, most));
  let length = 0;
  return {
    add(part) {
      const end = length + part.length;
      if (end > most) return false;
      if (end > bytes.length) {
        bytes = enlarged(bytes, Math.min(most, Math.max(end, 2 * bytes.length)));
      }
      bytes.set(part, length);
      length = end;
      return true;
    },
    all: () => bytes.slice(0, length),
  };
}

function enlarged(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}
