// As much of XML as exported settings have: elements and text. No entities beyond the five, no DTD is read.

export interface XmlElement {
  readonly name: string;
  /** 1-based. */
  readonly line: number;
  readonly children: XmlElement[];
  text: string;
}

/** The document as an element that holds its root; what is not well-formed ends the reading, and what was read stays. */
export function readXml(source: string): XmlElement {
  const top: XmlElement = { name: "", line: 1, children: [], text: "" };
  const open = [top];
  let line = 1;
  let counted = 0;
  for (const match of source.matchAll(TOKENS)) {
    for (; counted < match.index; counted++) if (source.charCodeAt(counted) === 10) line++;
    const [, close, name, selfClosed, text] = match;
    const parent = open.at(-1)!; // the top is never taken off
    if (text !== undefined) parent.text += decoded(text.trim());
    else if (close !== undefined) {
      if (open.length > 1 && parent.name === close) open.pop();
    } else if (name !== undefined && open.length < DEEPEST) {
      const element: XmlElement = { name, line, children: [], text: "" };
      parent.children.push(element);
      if (selfClosed === "") open.push(element);
    }
  }
  return top;
}

/** Settings nest a dozen deep. */
const DEEPEST = 100;

const TOKENS =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<![^>]*>|<\/([\w.:-]+)\s*>|<([\w.:-]+)[^<>]*?(\/?)>|([^<]+)/g;

/** The first child of that name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find(each => each.name === name);
}

/** The text of a child; "" if there is none. */
export function childText(element: XmlElement, name: string): string {
  return childOf(element, name)?.text ?? "";
}

/** Every element of that name below, in order. */
export function allBelow(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap(each => [...(each.name === name ? [each] : []), ...allBelow(each, name)]);
}

function decoded(text: string): string {
  return text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,6})|#x([\da-f]{1,5}));/gi, (whole, name, decimal, hex) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
  });
}

const NAMED: Readonly<Record<string, string | undefined>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
