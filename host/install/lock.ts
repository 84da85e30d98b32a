import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockEntry {
  version?: string;
  os?: string[];
  cpu?: string[];
}

/** The files an install is made from, and what follows from them. */
export class HostLock {
  static readonly files = ['package.json', 'package-lock.json', '.npmrc'];

  /** The folders of the packages that this machine gets, relative to the install. */
  readonly wanted: string[];

  private readonly packages: Record<string, LockEntry>;

  constructor(private readonly folder: string) {
    this.packages = JSON.parse(this.read('package-lock.json')).packages;
    this.wanted = Object.entries(this.packages)
      .filter(([, { os, cpu }]) => fits(os, process.platform) && fits(cpu, process.arch))
      .map(([path]) => path)
      .filter((path) => path !== '');
  }

  /** Changes whenever an install made from these files on this kind of machine would. */
  get key(): string {
    const hash = createHash('sha256');
    for (const file of HostLock.files) hash.update(this.read(file));
    const machine = `${process.platform}-${process.arch}`;
    return `n8n-${this.version('n8n')}-${machine}-${hash.digest('hex').slice(0, 12)}`;
  }

  version(name: string): string {
    return this.packages[`node_modules/${name}`]?.version ?? '?';
  }

  has(name: string): boolean {
    return this.packages[`node_modules/${name}`] !== undefined;
  }

  /** How many of the wanted packages are unpacked in `install` by now. */
  countPresent(install: string): number {
    return this.wanted.filter((path) => existsSync(join(install, path, 'package.json'))).length;
  }

  private read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }
}

/** npm's rule: a list of names that are meant, or of `!names` that aren't. */
function fits(list: string[] | undefined, value: string): boolean {
  if (!list?.length) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((name) => name.startsWith('!'));
}
