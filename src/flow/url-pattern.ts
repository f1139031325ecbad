/**
 * What many URLs have in common: `https://h/users/17?page=2` is `https://h/users/*?page`. A segment is an id if it is a number, a UUID,
 * or hex or base64 of 16 characters and more.
 */
export function urlPattern(url: string): string {
  const question = url.indexOf("?");
  const place = question < 0 ? url : url.slice(0, question);
  const pathAt = place.indexOf("/", place.indexOf("://") + 3);
  const [origin, path] = pathAt < 0 ? [place, ""] : [place.slice(0, pathAt), place.slice(pathAt)];
  const pattern = path
    .split("/")
    .map(segment => (isId(segment) ? "*" : segment))
    .join("/");
  const names =
    question < 0
      ? []
      : url
          .slice(question + 1)
          .split("&")
          .map(pair => pair.split("=", 1)[0]!);
  const query = [...new Set(names)].filter(name => name !== "").sort();
  return `${origin}${pattern}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

function isId(segment: string): boolean {
  return /^\d+$/.test(segment) || /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(segment) || isToken(segment);
}

function isToken(segment: string): boolean {
  return /^[\w-]{16,}$/.test(segment) && /\d/.test(segment) && /^(?:[\da-f]+|(?=.*[A-Z])(?=.*[a-z]).+)$/.test(segment);
}
