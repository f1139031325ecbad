// What the operating system says, in words.

const WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EEXIST: "something else is there already",
  EISDIR: "it is a folder",
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of its path is no folder",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
  EMFILE: "too many open files; raise ulimit -n",
};

/** One line for any error: `/x/y: permission denied` where Node would say `EACCES: permission denied, open '/x/y'`. */
export function errorLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = "", path } = error as NodeJS.ErrnoException; // undefined on errors of our own
  const words = WORDS[code];
  return words !== undefined && path !== undefined ? `${path}: ${words}` : error.message.replace(/\s*\n\s*/g, " ");
}
