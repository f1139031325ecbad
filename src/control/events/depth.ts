// Whether a filter can be judged by a flow's summary alone.
import type { Filter, Node } from "../../match/ast.ts";

/**
 * True if a term asks for headers or bodies: live events carry none, so whoever watches with such a filter is told of finished flows, which
 * are judged by what was recorded. (Silence instead is a known trap: mitmproxy#7723.)
 */
export function readsMessages(filter: Filter): boolean {
  return reads(filter.root);
}

function reads(node: Node): boolean {
  switch (node.kind) {
    case "and":
    case "or":
      return node.items.some(reads);
    case "not":
      return reads(node.item);
    case "word":
      return true;
    case "text": {
      const { key, named } = node.field;
      return named === "header" || named === "cookie" || key === "body" || key.endsWith(".body");
    }
    default:
      return false;
  }
}
