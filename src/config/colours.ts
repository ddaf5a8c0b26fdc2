/** Red, green and blue from 0 to 255. */
type Colour = readonly [number, number, number];

/** The lowest allowed contrast of a text. @see WCAG 2.2 section 1.4.3 */
const textContrast = 4.5;

// The backgrounds of styles/colours.ts with the lowest contrast, and the text colour on an accent.
const lightGround = "#e9efeb";
const darkGround = "#141e19";
const black: Colour = [0, 0, 0];
const white: Colour = [255, 255, 255];

/** What is wrong with a brand's colour, or null. */
export function colourProblem(text: string): string | null {
  if (!/^#[0-9a-f]{6}$/i.test(text)) return "must be a colour as #rrggbb, such as #1b5641";
  if (luminance(parse(text)) > 0.75) {
    return "is nearly white, so that buttons in it would have to become another colour to be seen: \
choose a darker one";
  }
  return null;
}

/** A brand's colour on a light background, dark enough for a link on it and for white text. */
export function lightAccent(colour: string): string {
  return hex(towards(parse(colour), black, parse(lightGround)));
}

/**
 * The CSS custom properties for a brand's colour in both colour schemes. The hue stays; the lightness
 * changes as far as the contrast of WCAG 2.2 AA requires.
 */
export function brandColours(colour: string): string {
  const light = parse(lightAccent(colour));
  const dark = towards(parse(colour), white, parse(darkGround));
  return `:root{--accent:${hex(light)};--accent-strong:${hex(mixed(light, black, 0.3))};\
--on-accent:#fff;--door:${hex(light)}}
@media screen and (prefers-color-scheme:dark){:root{--accent:${hex(dark)};\
--accent-strong:${hex(mixed(dark, white, 0.4))};--on-accent:#0b120f;--door:${hex(light)}}}
`;
}

/** The colour itself if its contrast is high enough, else mixed with another colour until it is. */
function towards(colour: Colour, other: Colour, ground: Colour): Colour {
  for (let share = 0; share < 1; share += 0.02) {
    const candidate = mixed(colour, other, share);
    if (contrast(candidate, ground) >= textContrast) return candidate;
  }
  return other;
}

function mixed(colour: Colour, other: Colour, share: number): Colour {
  const channel = (i: 0 | 1 | 2) => Math.round(colour[i] * (1 - share) + other[i] * share);
  return [channel(0), channel(1), channel(2)];
}

/** @see WCAG 2.2, definition of contrast ratio */
function contrast(one: Colour, another: Colour): number {
  const [high = 0, low = 0] = [luminance(one), luminance(another)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** @see WCAG 2.2, definition of relative luminance */
function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function parse(text: string): Colour {
  const channel = (at: number) => parseInt(text.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

function hex(colour: Colour): string {
  return `#${colour.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
