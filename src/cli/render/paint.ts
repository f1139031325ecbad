/** Text in colours; with colour off each gives its text back. */
export interface Paint {
  readonly on: boolean;
  readonly bold: Brush;
  readonly dim: Brush;
  readonly underline: Brush;
  readonly red: Brush;
  readonly green: Brush;
  readonly yellow: Brush;
  readonly blue: Brush;
  readonly magenta: Brush;
  readonly cyan: Brush;
}
export type Brush = (text: string) => string;

/** SGR colours of the terminal's own palette, so that they suit its background. */
export function paint(on: boolean): Paint {
  const brush = (open: number, close: number): Brush =>
    on ? text => (text === "" ? "" : `\x1b[${open}m${text}\x1b[${close}m`) : text => text;
  return {
    on,
    bold: brush(1, 22),
    dim: brush(2, 22),
    underline: brush(4, 24),
    red: brush(31, 39),
    green: brush(32, 39),
    yellow: brush(33, 39),
    blue: brush(34, 39),
    magenta: brush(35, 39),
    cyan: brush(36, 39),
  };
}

/** 2xx green, 3xx cyan, 4xx yellow, 5xx red, the rest (1xx, none) magenta. */
export function statusBrush(colours: Paint, status: number | undefined | null): Brush {
  if (!status) return colours.magenta;
  if (status >= 500) return colours.red;
  if (status >= 400) return colours.yellow;
  if (status >= 300) return colours.cyan;
  if (status >= 200) return colours.green;
  return colours.magenta;
}
