// An arched door with a key. The key has the shape of an L.
export const door = "M4 35V15a12 12 0 0 1 24 0v20a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1Z";
export const key = "M13.5 16v13.5h7M13.5 24.5h4";

/** The mark as a file (`image/svg+xml`), for the browser's tab. */
export const icon: string = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 37">` +
  `<path fill="#1b5641" d="${door}"/>` +
  `<g fill="none" stroke="#f0c35a" stroke-width="2.6" stroke-linecap="square">` +
  `<circle cx="13.5" cy="11.5" r="3.9"/><path d="${key}"/></g></svg>\n`;
