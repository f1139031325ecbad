// Cookies out of the fields that carry them (RFC 6265), in HAR's form.

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path?: string;
  readonly domain?: string;
  /** ISO 8601. */
  readonly expires?: string;
  readonly httpOnly?: true;
  readonly secure?: true;
}

/** Of Cookie fields. */
export function requestCookies(values: readonly string[]): Cookie[] {
  return values.flatMap(value =>
    value
      .split(";")
      .map(pair => pair.trim())
      .filter(pair => pair !== "")
      .map(nameAndValue),
  );
}

/** Of Set-Cookie fields, one a field. */
export function setCookies(values: readonly string[]): Cookie[] {
  return values.map(value => {
    const [first = "", ...attributes] = value.split(";");
    const cookie: Record<string, string | true> = { ...nameAndValue(first) };
    for (const attribute of attributes) {
      const { name, value: given } = nameAndValue(attribute);
      switch (name.toLowerCase()) {
        case "path":
          cookie.path = given;
          break;
        case "domain":
          cookie.domain = given;
          break;
        case "expires": {
          const date = new Date(given);
          if (!Number.isNaN(date.getTime())) cookie.expires = date.toISOString();
          break;
        }
        case "httponly":
          cookie.httpOnly = true;
          break;
        case "secure":
          cookie.secure = true;
          break;
      }
    }
    return cookie as unknown as Cookie; // name and value come from nameAndValue, the rest is set above
  });
}

function nameAndValue(pair: string): { name: string; value: string } {
  const equals = pair.indexOf("=");
  if (equals < 0) return { name: pair.trim(), value: "" };
  return { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() };
}
