// Lessons on who is asking (RFC 9110 §11): Basic, Bearer and Digest.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { answerJson } from "../answer.ts";
import { type Lesson, LessonError, type OriginFacts, type Visit } from "../lesson.ts";

const REALM = "waylay origin";
const NONCE_AGE_MS = 5 * 60_000;
/** The better one first: a client takes the first it knows (RFC 7616 §3.7). */
const ALGORITHMS = [
  { name: "SHA-256", hash: "sha256" },
  { name: "MD5", hash: "md5" },
] as const;

export const authLessons: readonly Lesson[] = [
  {
    name: "basic-auth",
    topic: "State",
    doc: "Basic: user and password of the path, in base64, which anyone on the way can read.",
    example: "/basic-auth/ada/lovelace",
    curl: "-u ada:lovelace",
    run: basic,
  },
  {
    name: "bearer",
    topic: "State",
    doc: "Bearer: any token will do, none gets a 401 with the challenge.",
    example: "/bearer",
    curl: "-H 'Authorization: Bearer s3cret'",
    run: bearer,
  },
  {
    name: "digest-auth",
    topic: "State",
    doc: "Digest (RFC 7616): the first answer is a 401 with a nonce, the password itself never travels.",
    example: "/digest-auth/ada/lovelace",
    curl: "--digest -u ada:lovelace",
    run: digest,
  },
];

function named(visit: Visit): { user: string; password: string } {
  const [user, password] = visit.rest;
  if (!user || !password) throw new LessonError(404, "the path ends in /USER/PASSWORD");
  return { user, password };
}

function refuse(visit: Visit, challenge: string | string[], why: string): void {
  answerJson(visit, { authenticated: false, why }, 401, { "www-authenticate": challenge });
}

function basic(visit: Visit): void {
  const { user, password } = named(visit);
  const given = /^basic +(\S+)$/i.exec(visit.request.headers.authorization ?? "")?.[1];
  const wanted = Buffer.from(`${user}:${password}`);
  if (given !== undefined && Buffer.from(given, "base64").equals(wanted)) {
    answerJson(visit, { authenticated: true, scheme: "Basic", user });
  } else {
    refuse(visit, `Basic realm="${REALM}", charset="UTF-8"`, given ? "wrong user or password" : "no Basic credentials");
  }
}

function bearer(visit: Visit): void {
  const token = /^bearer +(\S+)$/i.exec(visit.request.headers.authorization ?? "")?.[1];
  if (token !== undefined) {
    answerJson(visit, { authenticated: true, scheme: "Bearer", token });
    return;
  }
  refuse(visit, `Bearer realm="${REALM}"`, "no Bearer token");
}

function digest(visit: Visit): void {
  const { user, password } = named(visit);
  const given = /^digest +(.+)$/i.exec(visit.request.headers.authorization ?? "")?.[1];
  const verdict = given === undefined ? "no Digest credentials" : checkDigest(visit, parameters(given), user, password);
  if (verdict === "") {
    answerJson(visit, { authenticated: true, scheme: "Digest", user });
    return;
  }
  const nonce = makeNonce(visit.facts);
  const stale = verdict === "the nonce is too old" ? ", stale=true" : "";
  const challenges = ALGORITHMS.map(
    ({ name }) => `Digest realm="${REALM}", qop="auth", algorithm=${name}, nonce="${nonce}"${stale}`,
  );
  refuse(visit, challenges, verdict);
}

/** "" if the credentials are right, else why not. */
function checkDigest(visit: Visit, given: Map<string, string>, user: string, password: string): string {
  const of = (name: string) => given.get(name) ?? "";
  const algorithm = ALGORITHMS.find(({ name }) => name === (given.get("algorithm") ?? "MD5").toUpperCase());
  if (algorithm === undefined) return "unknown algorithm";
  if (of("uri") !== visit.request.url) return "the credentials are for another URL";
  if (of("qop") !== "auth") return "qop must be auth";
  const age = nonceAgeMs(visit.facts, of("nonce"));
  if (age === undefined) return "the nonce is not ours";
  const h = (text: string) => createHash(algorithm.hash).update(text).digest("hex");
  const a1 = h(`${user}:${REALM}:${password}`);
  const a2 = h(`${visit.request.method}:${of("uri")}`);
  const wanted = h([a1, of("nonce"), of("nc"), of("cnonce"), "auth", a2].join(":")); // RFC 7616 §3.4.1
  if (of("username") !== user || of("response").toLowerCase() !== wanted) return "wrong user or password";
  return age > NONCE_AGE_MS ? "the nonce is too old" : "";
}

function makeNonce(facts: OriginFacts): string {
  const time = Math.floor(facts.now()).toString(16);
  return `${time}.${sign(facts, time)}`;
}

function nonceAgeMs(facts: OriginFacts, nonce: string): number | undefined {
  const [time = "", mac = ""] = nonce.split(".");
  const wanted = sign(facts, time);
  if (mac.length !== wanted.length || !timingSafeEqual(Buffer.from(mac), Buffer.from(wanted))) return undefined;
  return facts.now() - Number.parseInt(time, 16);
}

function sign(facts: OriginFacts, time: string): string {
  return createHmac("sha256", facts.secret).update(time).digest("hex").slice(0, 32);
}

/** name=value pairs with values as tokens or quoted strings (RFC 9110 §11.2). */
function parameters(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const match of text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    found.set(match[1].toLowerCase(), match[2]?.replace(/\\(.)/g, "$1") ?? match[3]);
  }
  return found;
}
