/** The colours that a stylesheet gives names to, without the `#`. */
export function coloursOf(css: string): Map<string, string> {
  const colours = css.matchAll(/--([\w-]+):#([0-9a-f]{6}|[0-9a-f]{3})\b/g);
  return new Map([...colours].map(([, name = "", hex = ""]) => [name, hex]));
}

/** Between two colours, from 1 to 21. @see WCAG 2.2, definition of contrast ratio */
export function contrast(front: string, back: string): number {
  const [a = 0, b = 0] = [luminance(front), luminance(back)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}

/** @see WCAG 2.2, definition of relative luminance */
function luminance(hex: string): number {
  const full = hex.length === 3 ? hex.replace(/./g, "$&$&") : hex;
  const [red = 0, green = 0, blue = 0] = [0, 2, 4]
    .map((at) => parseInt(full.slice(at, at + 2), 16) / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
