// Looks now and then whether recording may go on: the disk has room, and the file is still the one that was opened.
import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";

const EVERY_MS = 2000;

export class Guard {
  private readonly file: string;
  private readonly diskFreeBytes: number;
  private readonly inode: number;
  private readonly now: () => number;
  private lookedAt = -Infinity;
  private last: string | null = null;

  /** `now` in milliseconds of any clock that does not jump. */
  constructor(file: string, diskFreeBytes: number, now: () => number) {
    this.file = file;
    this.diskFreeBytes = diskFreeBytes;
    this.inode = statSync(file).ino;
    this.now = now;
  }

  /** Why nothing may be written now, in a sentence; null if it may. Looks at most every two seconds. */
  objection(): string | null {
    const now = this.now();
    if (now - this.lookedAt < EVERY_MS) return this.last;
    this.lookedAt = now;
    this.last = this.look();
    return this.last;
  }

  private look(): string | null {
    try {
      if (statSync(this.file).ino !== this.inode)
        return `recording stopped: ${this.file} was replaced by another file; restart to record again`;
    } catch {
      return `recording stopped: ${this.file} is gone; restart to record again`;
    }
    const disk = statfsSync(dirname(this.file));
    if (disk.bavail * disk.bsize < this.diskFreeBytes)
      return `recording stopped: less than ${Math.round(this.diskFreeBytes / 1e6)} MB are free on the disk of ${this.file}; it goes on when there are more`;
    return null;
  }
}
